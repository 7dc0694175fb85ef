//! The Node addon: converts types, maps errors, moves work off the JavaScript thread, nothing else.
//!
//! Every entry point runs inside [`failure::guard`], so that a panic becomes an exception and not the end of
//! the process. The typings are `native/index.d.ts`.

// napi's macros expand to unsafe glue; the blocks of our own, under `sockets`, carry their proofs.
#![allow(unsafe_code)]
#![allow(missing_debug_implementations, reason = "the types are for JavaScript")]
#![allow(clippy::needless_pass_by_value, reason = "napi hands arguments over by value")]
#![cfg_attr(test, allow(dead_code, reason = "napi registers nothing in a test build"))]

mod bench;
mod context;
mod convert;
mod doctor;
mod failure;
mod features;
mod hash;
mod miner;
mod receipt;
mod search;
mod sockets;
mod template;
mod verifier;
