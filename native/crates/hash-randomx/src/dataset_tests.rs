use std::num::NonZeroUsize;
use std::sync::Arc;

use otedama_hash_api::{HashError, Interrupt, Progress};
use otedama_memory::{NodeId, Pages, Region};
use otedama_primitives::{Hash, U256};
use otedama_test_vectors::unhex;

use super::{Dataset, compute};
use crate::parameters::{DATASET_BYTES, DATASET_ITEMS};
use crate::tests::hashes::{backends, benchmark_xor};
use crate::tests::shared::cache_of;
use crate::{Blob, Hasher, Hit, Key, Measure, Variant};

const KEY: &[u8] = b"test key 000";

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).expect("at least one")
}

#[test]
fn computes_every_item_whatever_the_number_of_threads() {
    let cache = cache_of(KEY);
    for count in [1, 3, 64] {
        let mut lines = vec![[0; 8]; 1500];
        let progress = Progress::default();
        compute(&cache, &mut lines, threads(count), &progress).expect("not cancelled");
        assert_eq!(progress.get().0, 1500);
        for number in [0, 511, 512, 1499] {
            assert_eq!([lines[number]], cache.items_of([number as u64]), "item {number}, {count} threads");
        }
    }
}

#[test]
fn a_cancelled_build_is_an_error() {
    let progress = Progress::default();
    progress.cancel();
    let mut lines = vec![[0; 8]; 100];
    assert_eq!(compute(&cache_of(KEY), &mut lines, threads(2), &progress), Err(HashError::Cancelled));
    assert_eq!(lines, [[0; 8]; 100]);
}

/// Lines that say their number instead of the items of a key, which take too long here: a hash over them is
/// as sensitive to a wrong address.
#[test]
fn fast_hashes_are_the_same_on_every_backend() {
    let mut region = Region::allocate(DATASET_BYTES, Pages::Transparent, None).expect("memory");
    for (number, line) in region.words_u64_mut().as_chunks_mut::<8>().0.iter_mut().enumerate() {
        *line = [number as u64 ^ 0x5555_5555; 8];
    }
    let dataset = Arc::new(Dataset { key: Key::from([0; 32]), region });
    assert_eq!(dataset.lines().len() as u64, DATASET_ITEMS);
    for variant in Variant::ALL {
        // Three, so that the last one is alone where two take turns.
        let inputs: [&[u8]; 3] = [b"fast", b"", b"third"];
        let hashes: Vec<[Hash; 3]> = backends()
            .map(|backend| {
                let mut hashes = [[0; 32]; 3];
                Hasher::new(dataset.clone(), variant, backend)
                    .expect("memory")
                    .hash_many(&inputs, &mut hashes);
                hashes
            })
            .collect();
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{variant:?} {hashes:?}");
        searches_find_every_nonce(&dataset, variant);
    }
}

fn searches_find_every_nonce(dataset: &Arc<Dataset>, variant: Variant) {
    let mut blob = Blob::new(vec![7; 76], 39).expect("inside");
    let mut single = Hasher::fastest(dataset.clone(), variant).expect("memory");
    let expected: Vec<Hit> = (10..14)
        .map(|nonce| Hit { nonce, hash: single.hash(blob.with_nonce(nonce)), commitment: None })
        .collect();
    for backend in backends().filter(|backend| backend.name() != "interpreter") {
        let mut hasher = Hasher::new(dataset.clone(), variant, backend).expect("memory");
        for count in 1..=expected.len() {
            let (mut hits, never) = (Vec::new(), Interrupt::never());
            let nonces = 10..10 + count as u64;
            let tried = hasher.search(&mut blob, &U256::MAX, Measure::Hash, nonces, &never, &mut hits);
            assert_eq!((tried, hits.as_slice()), (count as u64, &expected[..count]), "{}", backend.name());
        }
    }
}

#[test]
#[ignore = "a minute and 4 GiB; the shorter tests take the same path"]
fn fast_hashes_are_the_light_ones() {
    let cache = cache_of(&[0; 4]);
    let dataset = Dataset::build(&cache, threads(2), None, &Progress::default()).expect("memory");
    let v1 = "10b649a3f15c7c7f88277812f2e74b337a0f20ce909af09199cccb960771cfa1";
    let v2 = "b85d79e080b10b6ad28c2e6c993601a1361917dba979e03a0a8f7248aaf4ba52";
    let copy = dataset.replicate(NodeId(0), &Progress::default()).expect("memory");
    assert_eq!(benchmark_xor(dataset.into(), Variant::V1, 1000).to_vec(), unhex(v1));
    assert_eq!(benchmark_xor(copy.into(), Variant::V2, 1000).to_vec(), unhex(v2));
}
