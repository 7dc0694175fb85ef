//! KawPow, which is ProgPoW 0.9.4 with Ravencoin's parameters: verification from a light cache, and search over
//! the full dataset by generated code.
//!
//! Every three blocks a new random [`Program`] is drawn, which a hash runs 64 times on 16 lanes of 32 registers.
//! Searching threads share compiled [`Programs`], the next one made ahead; verification interprets them, since
//! computing the dataset items takes nearly all of its time anyway.

// SIMD and generated code: each block carries its proof.
#![allow(unsafe_code)]

mod backend;
mod interpreter;
#[cfg(target_arch = "x86_64")]
mod jit;
mod kiss99;
mod light;
mod mix;
mod program;
mod programs;
mod searcher;
mod sponge;

pub use backend::{BACKENDS, Backend};
pub use light::{Context, Share, light_hash, light_hash_many};
pub use program::{Instruction, Math, Merge, Program, Source, period_of};
pub use programs::Programs;
pub use searcher::Searcher;
pub use sponge::final_hash;
