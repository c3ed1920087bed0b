//! Tests that need more than one crate of the workspace, and those that hold the workspace to its
//! own rules. They stand in the folder `tests` beside this one; the library itself is empty, is
//! imported by nothing, and never holds code that a program needs.
