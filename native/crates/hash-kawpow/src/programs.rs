//! Programs ready to run, shared by the threads of a search: drawn and compiled once, the next period's before
//! it is due.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otedama_hash_api::HashError;

use crate::backend::{Backend, Method};
use crate::interpreter::Interpreter;
#[cfg(target_arch = "x86_64")]
use crate::jit::CompiledProgram;
use crate::mix::{Item, L1Cache, Mix};
use crate::program::Program;

/// The running period, the next one, and as many again for a chain that goes back and forth at its tip.
const KEPT: usize = 4;

/// A program and the way to run its rounds.
#[derive(Debug)]
pub enum Rounds {
    #[cfg(target_arch = "x86_64")]
    Compiled(CompiledProgram),
    Interpreted(Box<Program>, Interpreter),
}

impl Rounds {
    #[inline]
    pub fn run(&self, mix: &mut Mix, round: usize, item: &Item, l1: &L1Cache) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Compiled(program) => program.round(mix, round, item, l1),
            Self::Interpreted(program, interpreter) => interpreter.round(program, mix, round, item, l1),
        }
    }

    /// To be called by each thread that got the program, before its first round.
    pub fn synchronize(&self) {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Compiled(program) => program.synchronize(),
            Self::Interpreted(..) => {}
        }
    }
}

/// Compiled or interpreted programs by period, the one used last at the end.
#[derive(Debug)]
pub struct Programs {
    backend: &'static Backend,
    /// Of the program compiled last.
    refusal: Mutex<Option<HashError>>,
    kept: Mutex<Vec<(u32, Arc<Rounds>)>>,
}

impl Programs {
    /// Where the system does not let generated code be run, programs are interpreted and [`Self::refusal`] says
    /// why; the next program is tried again. Panics for a backend that is not available.
    pub fn new(backend: &'static Backend) -> Arc<Self> {
        let programs = Self { backend, refusal: Mutex::new(None), kept: Mutex::new(Vec::new()) };
        // Finds out whether code can be run.
        programs.make(0);
        Arc::new(programs)
    }

    /// The name of the backend that is really used.
    pub fn backend(&self) -> &'static str {
        if self.refusal().is_some() { Backend::INTERPRETER.name } else { self.backend.name }
    }

    /// Why programs are interpreted although code was asked for.
    pub fn refusal(&self) -> Option<HashError> {
        lock(&self.refusal).clone()
    }

    /// Makes the program of a period unless it is there.
    pub fn prepare(&self, period: u32) {
        self.get(period);
    }

    pub(crate) fn get(&self, period: u32) -> Arc<Rounds> {
        let mut kept = lock(&self.kept);
        let entry = match kept.iter().position(|(of, _)| *of == period) {
            Some(position) => kept.remove(position),
            None => {
                if kept.len() == KEPT {
                    kept.remove(0);
                }
                (period, Arc::new(self.make(period)))
            }
        };
        let rounds = Arc::clone(&entry.1);
        kept.push(entry);
        rounds
    }

    fn make(&self, period: u32) -> Rounds {
        let program = Program::for_period(period);
        let interpreter = match self.backend.method {
            Method::Interpret(interpreter) => interpreter(),
            #[cfg(target_arch = "x86_64")]
            Method::Compile(set) => match CompiledProgram::new(&program, set()) {
                Ok(compiled) => {
                    *lock(&self.refusal) = None;
                    return Rounds::Compiled(compiled);
                }
                Err(error) => {
                    *lock(&self.refusal) = Some(error);
                    Interpreter::fastest()
                }
            },
        };
        Rounds::Interpreted(Box::new(program), interpreter)
    }
}

/// Both values are whole whenever a lock is given back, even by a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_made_once_and_the_one_unused_longest_goes() {
        let programs = Programs::new(Backend::fastest());
        let first = programs.get(1);
        programs.prepare(2);
        assert!(Arc::ptr_eq(&first, &programs.get(1)));
        for period in 3..=5 {
            programs.prepare(period);
        }
        // Five have been asked for, and 1 more recently than 2.
        let periods: Vec<u32> = programs.kept.lock().unwrap().iter().map(|(period, _)| *period).collect();
        assert_eq!(periods, [1, 3, 4, 5]);
        assert!(Arc::ptr_eq(&first, &programs.get(1)));
        programs.prepare(6);
        programs.prepare(7);
        programs.prepare(8);
        programs.prepare(9);
        assert!(!Arc::ptr_eq(&first, &programs.get(1)));
    }
}
