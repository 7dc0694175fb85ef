//! RandomX v1 (`rx/0`) and v2 (`rx/2`), light and fast, written from the specification.
//!
//! A [`Cache`] of 256 MiB follows from a [`Key`], a [`Dataset`] of 2 GiB from the cache. A [`Hasher`] belongs to
//! one thread, shares that memory with others, and runs its programs on one of the [`BACKENDS`]: generated code
//! where there is some, else an interpreter in plain code, which is the reference.

// SIMD kernels, generated code and raw memory: each block carries its proof.
#![allow(unsafe_code)]

mod aes;
mod argon;
mod backend;
mod blake;
mod cache;
mod dataset;
mod engine;
mod hasher;
mod interpreter;
#[cfg(target_arch = "x86_64")]
mod jit;
mod key;
mod machine;
mod memory;
mod network;
mod parameters;
mod program;
mod rounding;
mod superscalar;
mod superscalar_generator;
mod vm;

pub use backend::{BACKENDS, Backend};
pub use cache::Cache;
pub use dataset::Dataset;
pub use hasher::{Blob, Hasher, Hit, Measure, commitment};
pub use key::Key;
pub use memory::SeedMemory;
pub use network::{meets_difficulty, seed_height};
pub use parameters::Variant;

#[cfg(test)]
mod tests;
