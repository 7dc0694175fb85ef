use crate::interpreter::Interpreter;
#[cfg(target_arch = "x86_64")]
use crate::jit::InstructionSet;

/// A way to run programs.
#[derive(Clone, Copy, Debug)]
pub struct Backend {
    pub name: &'static str,
    /// Whether this processor can run it.
    pub is_available: fn() -> bool,
    pub(crate) method: Method,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    #[cfg(target_arch = "x86_64")]
    Compile(fn() -> InstructionSet),
    Interpret(fn() -> Interpreter),
}

impl Backend {
    pub const INTERPRETER: Self =
        Self { name: "interpreter", is_available: || true, method: Method::Interpret(Interpreter::fastest) };

    pub fn by_name(name: &str) -> Option<&'static Self> {
        BACKENDS.iter().find(|backend| backend.name == name && (backend.is_available)())
    }

    pub fn fastest() -> &'static Self {
        BACKENDS.iter().find(|backend| (backend.is_available)()).unwrap_or(&Self::INTERPRETER)
    }
}

/// Fastest first.
pub const BACKENDS: &[Backend] = &[
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "jit-avx512",
        is_available: || InstructionSet::fastest_avx512().is_some(),
        method: Method::Compile(|| InstructionSet::fastest_avx512().expect("only run where available")),
    },
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "jit-avx2",
        is_available: || InstructionSet::Avx2.is_available(),
        method: Method::Compile(|| InstructionSet::Avx2),
    },
    Backend::INTERPRETER,
    Backend { name: "scalar", is_available: || true, method: Method::Interpret(|| Interpreter::SCALAR) },
];
