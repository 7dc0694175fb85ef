//! What the tests share: caches, which take a second each, and seeded randomness.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use otedama_hash_api::Progress;

use crate::{Cache, Key};

/// The caches of the keys asked for last: tests run side by side and ask for few.
pub fn cache_of(key: &[u8]) -> Arc<Cache> {
    const KEPT: usize = 3;
    static CACHES: OnceLock<Mutex<Vec<Arc<Cache>>>> = OnceLock::new();
    let mut caches = CACHES.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cache) = caches.iter().find(|cache| cache.key().as_bytes() == key) {
        return cache.clone();
    }
    if caches.len() == KEPT {
        caches.remove(0);
    }
    let key = Key::new(key).expect("at most 60 bytes");
    let cache = Cache::build(key, None, &Progress::default()).expect("memory");
    caches.push(cache.clone());
    cache
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.word() as u8).collect()
    }

    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.word() as u8)
    }
}
