//! What the caps hold back and what they let pass, on whole organisations with the limits out of the box: mistakes that
//! would take away much at once, drips that would do so little by little, and what real leavers notice of it.

#![cfg(test)]

mod drips;
mod mistake;
mod ours;
mod small;
mod spread;
mod storms;
#[path = "../support/mod.rs"]
mod support;
