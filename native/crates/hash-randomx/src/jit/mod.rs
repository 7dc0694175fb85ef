//! Generated x86-64 code.
//!
//! [`ProgramCode`] belongs to one thread and runs random programs: it is compiled anew for each and takes a
//! dataset or a cache. [`ItemCode`] belongs to a cache and computes dataset items: many in a row to build a
//! dataset, or a few at a time when called by a program that has only the cache. Both give
//! [`HashError::CodeRefused`] where the system gives no executable memory or the processor lacks AES; callers
//! interpret then.

mod assembler;
mod code;
mod context;
mod features;
mod frame;
mod instructions;
mod items;
mod templates;

use otedama_hash_api::HashError;

pub use code::ProgramCode;
pub use items::ItemCode;

/// Whether this processor has what the code needs.
pub fn is_available() -> bool {
    features::Features::detect().is_some()
}

fn unavailable() -> HashError {
    HashError::CodeRefused { problem: "generated code needs a processor with AES instructions".to_owned() }
}

#[cfg(test)]
mod tests;
