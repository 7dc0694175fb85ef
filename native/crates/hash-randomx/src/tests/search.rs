//! Searching: every hit and no other, exact at the target's edge, and quick to give up.

use std::sync::atomic::{AtomicU64, Ordering};

use otedama_hash_api::Interrupt;
use otedama_primitives::{Hash, U256};
use otedama_test_vectors::cases;

use super::hashes::backends;
use super::shared::cache_of;
use crate::{Blob, Hasher, Hit, Measure, Variant, commitment};

const KEY: &[u8] = b"test key 000";

fn target(hash: &Hash) -> U256 {
    U256::from_le_bytes(hash)
}

/// One more or less than the hash as a number.
fn shifted(hash: &Hash, up: bool) -> U256 {
    let mut bytes = *hash;
    for byte in &mut bytes {
        let (moved, carry) = if up { byte.overflowing_add(1) } else { byte.overflowing_sub(1) };
        *byte = moved;
        if !carry {
            break;
        }
    }
    U256::from_le_bytes(&bytes)
}

#[test]
fn finds_what_is_at_or_below_the_target() {
    for backend in backends() {
        for (variant, measure) in [(Variant::V1, Measure::Hash), (Variant::V2, Measure::Commitment)] {
            let mut hasher = Hasher::new(cache_of(KEY), variant, backend).expect("memory");
            let mut blob = Blob::new(vec![0x5a; 76], 39).expect("inside");
            // The last nonces there are.
            let nonces = u64::from(u32::MAX) - 1..1 << 32;
            let expected: Vec<Hit> = nonces
                .clone()
                .map(|nonce| {
                    let input = blob.with_nonce(nonce as u32);
                    let hash = hasher.hash(input);
                    let commitment = (measure == Measure::Commitment).then(|| commitment(input, &hash));
                    Hit { nonce: nonce as u32, hash, commitment }
                })
                .collect();
            let measured = |hit: &Hit| hit.commitment.unwrap_or(hit.hash);
            let edge = measured(&expected[1]);
            for target in [target(&edge), shifted(&edge, true), shifted(&edge, false)] {
                let mut hits = Vec::new();
                let never = Interrupt::never();
                let tried = hasher.search(&mut blob, &target, measure, nonces.clone(), &never, &mut hits);
                let wanted: Vec<Hit> = expected
                    .iter()
                    .filter(|hit| U256::from_le_bytes(&measured(hit)) <= target)
                    .copied()
                    .collect();
                assert_eq!((tried, hits), (2, wanted), "{} {variant:?}", backend.name());
            }
        }
    }
}

#[test]
fn finds_the_nonce_of_a_published_block() {
    let blocks = cases("randomx", "block");
    let case = blocks.first().expect("there are some");
    let hash: Hash = case.array("/pow_hash");
    let nonce = u32::from_le_bytes(case.array("/nonce"));
    let offset = case.number("/nonce_offset") as usize;
    let mut bytes = case.bytes("/hashing_blob");
    bytes[offset..offset + 4].fill(0);
    let mut blob = Blob::new(bytes, offset).expect("inside");
    let mut hasher = Hasher::fastest(cache_of(&case.bytes("/seed_hash")), Variant::V1).expect("memory");
    let mut hits = Vec::new();
    let nonces = u64::from(nonce) - 2..u64::from(nonce) + 2;
    let never = Interrupt::never();
    assert_eq!(hasher.search(&mut blob, &target(&hash), Measure::Hash, nonces, &never, &mut hits), 4);
    assert_eq!(hits, [Hit { nonce, hash, commitment: None }]);
}

#[test]
fn an_interrupt_ends_the_search_within_a_hash() {
    let mut hasher = Hasher::fastest(cache_of(KEY), Variant::V1).expect("memory");
    let mut blob = Blob::new(vec![0; 76], 39).expect("inside");
    let easiest = U256::from_le_bytes(&[0xff; 32]);
    let generation = AtomicU64::new(1);
    let mut hits = Vec::new();
    let stale = Interrupt::new(&generation, 0);
    assert_eq!(hasher.search(&mut blob, &easiest, Measure::Hash, 0..9, &stale, &mut hits), 0);
    assert_eq!(hits, []);

    let (blob, hits) = (&mut blob, &mut hits);
    let tried = std::thread::scope(|scope| {
        let current = Interrupt::new(&generation, 1);
        let hasher = &mut hasher;
        let search = scope.spawn(move || {
            let tried = hasher.search(blob, &easiest, Measure::Hash, 0..1 << 32, &current, hits);
            (tried, hits.len() as u64)
        });
        generation.store(2, Ordering::Relaxed);
        search.join().expect("no panic")
    });
    assert_eq!(tried.0, tried.1, "every nonce it says it tried is a hit");
}

#[test]
fn an_empty_range_is_no_work() {
    let mut hasher = Hasher::fastest(cache_of(KEY), Variant::V1).expect("memory");
    let mut blob = Blob::new(vec![0; 43], 39).expect("inside");
    let easiest = U256::from_le_bytes(&[0xff; 32]);
    let mut hits = Vec::new();
    let never = Interrupt::never();
    assert_eq!(hasher.search(&mut blob, &easiest, Measure::Hash, 5..5, &never, &mut hits), 0);
    assert_eq!(hits, []);
}

#[test]
fn the_nonce_has_to_be_inside_the_blob() {
    assert!(Blob::new(vec![0; 43], 39).is_some());
    assert!(Blob::new(vec![0; 42], 39).is_none());
    assert!(Blob::new(vec![0; 3], 0).is_none());
    assert!(Blob::new(vec![0; 76], usize::MAX - 3).is_none());
}
