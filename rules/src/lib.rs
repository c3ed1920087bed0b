//! Business rules: a text that HR and IT write, checked, and evaluated into grants with reasons. It never reads a file,
//! never asks for the time, and never decides what is done about a grant.
