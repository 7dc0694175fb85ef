//! Judges the shares of a flat batch in place. Pure: no clock, no threads of its own, no I/O.
//!
//! The layout of the batch is `layout`'s; it is shared with `libs/contracts` of the repository.
#![forbid(unsafe_code)]

mod job;
pub mod layout;
mod verifier;

pub use job::{Job, JobDescription, JobError, JobTable, JobsSnapshot, MAX_JOBS};
pub use layout::{BatchError, Verdict};
pub use verifier::{Summary, Verifier, VerifyError};
