//! Generated x86-64 code.
//!
//! [`ProgramCode`] belongs to one thread and runs random programs: it is compiled anew for each and takes a
//! dataset or a cache; with a dataset it can run two in turns, see [`should_pair`]. [`ItemCode`] belongs to a cache and computes dataset items: many in a row to build a
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
mod lookup;
mod reads;
mod templates;

use otedama_hash_api::HashError;

use crate::memory::Line;

pub use code::ProgramCode;
pub use items::ItemCode;

/// Whether this processor has what the code needs.
pub fn is_available() -> bool {
    features::Features::detect().is_some()
}

/// Whether [`ProgramCode::run_pair`] may be called.
pub fn can_pair() -> bool {
    features::Features::detect().is_some_and(|features| !features.shadow_stack)
}

/// Whether pairs are faster than one program after the other with this dataset. Where lookups are slow they were
/// 1.3 to 1.5 times as fast; elsewhere they only need twice the cache.
pub fn should_pair(dataset: &[Line]) -> bool {
    can_pair() && lookup::is_slow(dataset)
}

fn unavailable() -> HashError {
    HashError::CodeRefused { problem: "generated code needs a processor with AES instructions".to_owned() }
}

#[cfg(test)]
mod tests;
