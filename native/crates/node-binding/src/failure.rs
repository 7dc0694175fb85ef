use std::panic::{AssertUnwindSafe, catch_unwind};

use napi::{Env, Error, JsError};
use otedama_bench::BenchError;
use otedama_cpu_miner::StartError;
use otedama_cryptonote::TemplateError;
use otedama_hash_api::HashError;
use otedama_verify::{BatchError, JobError, VerifyError};
use otedama_worker_api::{WorkError, WorkerPanicked};

/// What JavaScript gets as an `Error` with `code` and `message`.
#[derive(Debug)]
pub struct Failure {
    code: &'static str,
    message: String,
}

/// An error whose status is its `code` property.
pub type CodedError = Error<String>;

impl Failure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// An argument of the wrong size or range.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new("INVALID_ARGUMENT", message)
    }

    /// The rejection of a promise; a task's own error type has no room for a code.
    pub fn into_rejection(self, env: Env) -> Error {
        JsError::from(CodedError::from(self)).into_unknown(env).into()
    }
}

impl From<Failure> for CodedError {
    fn from(failure: Failure) -> Self {
        Self::new(failure.code.to_owned(), failure.message)
    }
}

/// Failures of the other crates carry their code.
macro_rules! coded {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error.code(), error.to_string())
            }
        })*
    };
}
coded!(BatchError, BenchError, HashError, JobError, StartError, TemplateError, VerifyError, WorkError);

impl From<WorkerPanicked> for Failure {
    fn from(error: WorkerPanicked) -> Self {
        Self::new("WORKER_PANICKED", error.to_string())
    }
}

/// napi's own failures: an exception is pending or the environment is ending.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new("NAPI", error.reason.clone())
    }
}

/// Runs an entry point; a panic is a defect and says so, without taking Node down. Whatever the closure was
/// changing may be half done, which is why objects are only replaced by finished values inside it.
pub fn guard<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Err(Failure::new("INTERNAL", format!("defect in the native core: {}", text.unwrap_or("panic"))))
    })
}

/// [`guard`] for a function that throws.
pub fn guard_throwing<T>(run: impl FnOnce() -> Result<T, Failure>) -> Result<T, CodedError> {
    guard(run).map_err(CodedError::from)
}
