use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use otedama_dag::{Dataset, ETHASH, Engine, Epoch, LightCache, Rules};
use otedama_hash_api::{Interrupt, MixHit, MixProof, Progress};
use otedama_hash_ethash::{BACKENDS, Searcher, light_hash_many};
use otedama_primitives::{Hash, U256};

/// Ethash with a small dataset: what the search reads is its length and its items.
const SMALL: Rules =
    Rules { name: "small", light_bytes_at_start: 1 << 16, dataset_bytes_at_start: 1 << 21, ..ETHASH };

static CACHE: LazyLock<LightCache> = LazyLock::new(|| {
    let epoch = Epoch::new(SMALL, 0).expect("a known epoch");
    LightCache::build(epoch, &Progress::default()).expect("memory")
});

static DATASET: LazyLock<Arc<Dataset>> =
    LazyLock::new(|| Arc::new(Dataset::build(&CACHE, 2, &Progress::default()).expect("memory")));

const HEADER_HASH: Hash = [0x5a; 32];

fn searchers() -> impl Iterator<Item = (&'static str, Searcher)> {
    let available = BACKENDS.iter().filter(|backend| backend.is_available());
    available.map(|backend| {
        let searcher = Searcher::new(Arc::clone(&DATASET), backend).expect("an available backend");
        (backend.name, searcher)
    })
}

fn proofs_of(nonces: core::ops::Range<u64>) -> Vec<MixHit> {
    let shares: Vec<_> = nonces.clone().map(|nonce| (HEADER_HASH, nonce)).collect();
    let mut proofs = vec![MixProof::default(); shares.len()];
    light_hash_many(&CACHE, &Engine::fastest(), &shares, &mut proofs);
    nonces.zip(proofs).map(|(nonce, proof)| MixHit { nonce, proof }).collect()
}

fn value(hit: &MixHit) -> U256 {
    U256::from_be_bytes(hit.proof.hash)
}

#[test]
fn every_backend_hashes_as_the_light_cache() {
    let all = proofs_of(1000..1200);
    for (name, mut searcher) in searchers() {
        for count in [0, 1, 63, 64, 65, 127, 128, 129, 200] {
            let mut hits = Vec::new();
            let range = 1000..1000 + count;
            let tried = searcher.search(&HEADER_HASH, &U256::MAX, range, &Interrupt::never(), &mut hits);
            assert_eq!(tried, count, "{name}");
            assert_eq!(hits, all[..count as usize], "{name}, {count} nonces");
        }
    }
}

#[test]
fn the_edge_of_the_target_is_exact() {
    let all = proofs_of(0..130);
    let one = U256::from_u64(1);
    for (name, mut searcher) in searchers() {
        // Hashes at the places where groups begin and end, and the lowest.
        let lowest = all.iter().min_by_key(|hit| value(hit)).expect("hits");
        for edge in [&all[0], &all[63], &all[64], &all[129], lowest] {
            let at = value(edge);
            let targets = [at.checked_sub(one), Some(at), at.checked_add(one)];
            for target in targets.into_iter().flatten() {
                let expected: Vec<MixHit> = all.iter().filter(|hit| value(hit) <= target).copied().collect();
                assert_eq!(expected.contains(edge), target >= at);
                let mut hits = Vec::new();
                searcher.search(&HEADER_HASH, &target, 0..130, &Interrupt::never(), &mut hits);
                assert_eq!(hits, expected, "{name}");
            }
        }
    }
}

#[test]
fn the_last_nonces_are_searched() {
    let range = u64::MAX - 100..u64::MAX;
    let all = proofs_of(range.clone());
    for (name, mut searcher) in searchers() {
        let mut hits = Vec::new();
        let tried = searcher.search(&HEADER_HASH, &U256::MAX, range.clone(), &Interrupt::never(), &mut hits);
        assert_eq!((tried, &hits), (100, &all), "{name}");
    }
}

#[test]
fn an_interrupted_search_tells_how_far_it_came() {
    let generation = AtomicU64::new(7);
    let (_, mut searcher) = searchers().next().expect("the scalar backend");
    let raised = Interrupt::new(&generation, 6);
    let mut hits = Vec::new();
    assert_eq!(searcher.search(&HEADER_HASH, &U256::MAX, 0..u64::MAX, &raised, &mut hits), 0);
    assert!(hits.is_empty());
    // Whenever it ends, it has tried just the nonces that it reports.
    let tried = std::thread::scope(|scope| {
        let search = scope.spawn(|| {
            let interrupt = Interrupt::new(&generation, 7);
            searcher.search(&HEADER_HASH, &U256::MAX, 0..u64::MAX, &interrupt, &mut hits)
        });
        generation.store(8, Ordering::Relaxed);
        search.join().expect("the search ends")
    });
    assert_eq!(hits.len() as u64, tried);
    assert!((0..tried).eq(hits.iter().map(|hit| hit.nonce)));
}
