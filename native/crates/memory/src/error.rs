use core::fmt;

use otedama_hash_api::HashError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoryError {
    OutOfMemory {
        bytes: usize,
    },
    /// The system does not let this process run code that it generated.
    CodeRefused {
        cause: String,
        remedy: &'static str,
    },
}

impl MemoryError {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OutOfMemory { .. } => "OUT_OF_MEMORY",
            Self::CodeRefused { .. } => "CODE_REFUSED",
        }
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfMemory { bytes } => write!(formatter, "no memory for {bytes} bytes"),
            Self::CodeRefused { cause, remedy } => {
                write!(formatter, "generated code cannot be run here: {cause}; {remedy}")
            }
        }
    }
}

impl std::error::Error for MemoryError {}

impl From<MemoryError> for HashError {
    fn from(error: MemoryError) -> Self {
        match error {
            MemoryError::OutOfMemory { bytes } => Self::OutOfMemory { bytes },
            MemoryError::CodeRefused { cause, remedy } => {
                Self::CodeRefused { problem: format!("{cause}; {remedy}") }
            }
        }
    }
}
