//! Descriptors that the caller has as plain numbers.
//!
//! JavaScript passes numbers, and may pass any. Only those that it was given and did not yet give back are
//! taken from it: no other file or socket of the process is ever closed or written by mistake.

use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::system;

/// A bit for each descriptor: they are small numbers, and shared by all threads of the process.
static LENT: Mutex<Vec<u64>> = Mutex::new(Vec::new());

fn lent() -> MutexGuard<'static, Vec<u64>> {
    LENT.lock().unwrap_or_else(PoisonError::into_inner)
}

const fn place_of(descriptor: usize) -> (usize, u64) {
    (descriptor / 64, 1 << (descriptor % 64))
}

pub fn lend(socket: OwnedFd) -> RawFd {
    let descriptor = socket.into_raw_fd();
    let (word, bit) = place_of(descriptor.cast_unsigned() as usize);
    let mut lent = lent();
    if lent.len() <= word {
        lent.resize(word + 1, 0);
    }
    lent[word] |= bit;
    descriptor
}

pub fn take_back(descriptor: RawFd) -> Option<OwnedFd> {
    let (word, bit) = place_of(usize::try_from(descriptor).ok()?);
    let mut lent = lent();
    let bits = lent.get_mut(word).filter(|bits| **bits & bit != 0)?;
    *bits &= !bit;
    // SAFETY: its owner was given up by `lend`, and the bit, which allows to take it back once, is gone.
    #[allow(unsafe_code)]
    Some(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Resets the connection of a descriptor that was lent; false if it is none.
pub fn reset(descriptor: RawFd) -> bool {
    match take_back(descriptor).map(system::reset) {
        Some(Ok(())) => true,
        // Somebody closed it, and the number is no socket's, or something else's, by now: not ours to close.
        Some(Err(other)) => {
            let _ = other.into_raw_fd();
            false
        }
        None => false,
    }
}
