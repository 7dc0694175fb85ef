//! Many short messages of one length at a time, with the fastest vectors of the processor.

use crate::State800;
use crate::batch::{hash_words, permute_f800};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Scalar,
}

/// A way to hash many messages that is known to run on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine(Unit);

impl Engine {
    const ALL: &[Self] = &[
        #[cfg(target_arch = "x86_64")]
        Self(Unit::Avx512),
        #[cfg(target_arch = "x86_64")]
        Self(Unit::Avx2),
        Self(Unit::Scalar),
    ];

    /// Every engine of this processor, fastest first.
    pub fn available() -> Vec<Self> {
        Self::ALL.iter().copied().filter(Self::is_available).collect()
    }

    /// None when there is no such engine or this processor lacks its instructions.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|engine| engine.name() == name && engine.is_available())
    }

    fn is_available(&self) -> bool {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512 => is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl"),
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1"),
            Unit::Scalar => true,
        }
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    pub const fn name(&self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => "avx2",
            Unit::Scalar => "scalar",
        }
    }

    /// Messages hashed side by side by [`Self::hash_words`]; callers do best with multiples of it.
    pub const fn lanes(&self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512 => 8,
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => 4,
            Unit::Scalar => 1,
        }
    }

    /// Digest i of message i, both as little-endian words. The digest's length names the function: 4 words are
    /// Keccak-256, 8 words Keccak-512. A message is shorter than the function's rate: 17 or 9 words.
    pub fn hash_words<const MESSAGE: usize, const DIGEST: usize>(
        &self,
        messages: &[[u64; MESSAGE]],
        digests: &mut [[u64; DIGEST]],
    ) {
        assert_eq!(messages.len(), digests.len(), "one digest for each message");
        match self.0 {
            // SAFETY: an engine with this unit is only handed out where its features were detected.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512 => unsafe { x86::hash_words_avx512(messages, digests) },
            // SAFETY: an engine with this unit is only handed out where its features were detected.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => unsafe { x86::hash_words_avx2(messages, digests) },
            // SAFETY: one lane is plain integer code.
            Unit::Scalar => unsafe { hash_words::<u64, MESSAGE, DIGEST>(messages, digests) },
        }
    }

    /// Keccak-f[800] on every state.
    pub fn permute_f800(&self, states: &mut [State800]) {
        match self.0 {
            // SAFETY: an engine with this unit is only handed out where its features were detected.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512 => unsafe { x86::permute_f800_avx512(states) },
            // SAFETY: an engine with this unit is only handed out where its features were detected.
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2 => unsafe { x86::permute_f800_avx2(states) },
            // SAFETY: one lane is plain integer code.
            Unit::Scalar => unsafe { permute_f800::<u32>(states) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use crate::State800;
    use crate::batch::{hash_words, permute_f800};
    use crate::lanes::{Avx2x32, Avx2x64, Avx512VlX64, Avx512x32, Avx512x64};

    #[target_feature(enable = "avx512f,avx512vl")]
    pub fn hash_words_avx512<const M: usize, const D: usize>(
        messages: &[[u64; M]],
        digests: &mut [[u64; D]],
    ) {
        let whole = messages.len() - messages.len() % 8;
        let (messages, rest) = messages.split_at(whole);
        let (digests, rest_digests) = digests.split_at_mut(whole);
        // SAFETY: the target features are enabled here.
        unsafe {
            hash_words::<Avx512x64, M, D>(messages, digests);
            // The half width takes less time for few messages, and no vector beats it for one.
            if rest.len() <= 4 {
                hash_words::<Avx512VlX64, M, D>(rest, rest_digests);
            } else {
                hash_words::<Avx512x64, M, D>(rest, rest_digests);
            }
        }
    }

    #[target_feature(enable = "avx2,bmi1")]
    pub fn hash_words_avx2<const M: usize, const D: usize>(messages: &[[u64; M]], digests: &mut [[u64; D]]) {
        // SAFETY: the target features are enabled here.
        unsafe {
            if messages.len() == 1 {
                // Integers take less time for one message, with the and-not instruction of BMI1.
                hash_words::<u64, M, D>(messages, digests);
            } else {
                hash_words::<Avx2x64, M, D>(messages, digests);
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512vl")]
    pub fn permute_f800_avx512(states: &mut [State800]) {
        // SAFETY: the target feature is enabled here.
        unsafe { permute_f800::<Avx512x32>(states) }
    }

    #[target_feature(enable = "avx2")]
    pub fn permute_f800_avx2(states: &mut [State800]) {
        // SAFETY: the target feature is enabled here.
        unsafe { permute_f800::<Avx2x32>(states) }
    }
}
