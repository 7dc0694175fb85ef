//! Ethash and Etchash: verification from a light cache and search on the full dataset.
//!
//! A hash reads 64 items of 128 bytes at places that each depend on all before, so one hash at a time is
//! waiting for memory. Everything here runs many side by side. Which member of the family it is, and which
//! epoch, comes with the light cache or dataset; the hash itself is the same.

// SIMD kernels: each block carries its proof.
#![allow(unsafe_code)]

mod boundary;
mod hash;
mod kernel;
mod light;
pub mod reference;
mod search;

pub use boundary::boundary_of_difficulty;
pub use hash::final_hash;
pub use light::{light_hash, light_hash_many};
pub use search::{BACKENDS, Backend, Searcher};
