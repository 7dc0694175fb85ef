use core::sync::atomic::{AtomicU64, Ordering};

use otedama_dag::{Epoch, LightCache};
use otedama_hash_api::Progress;
use otedama_test_vectors::cases;

use super::*;
use crate::light::hash_together;
use crate::{BACKENDS, Backend, Context, Share};

fn available() -> impl Iterator<Item = &'static Backend> {
    BACKENDS.iter().filter(|backend| (backend.is_available)())
}

/// Far smaller than any real one, and of a length that is no power of two.
fn small_dataset() -> Vec<Item> {
    let mut word = 1u32;
    let mut next = || {
        word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        word ^ word >> 15
    };
    (0..1021).map(|_| core::array::from_fn(|_| core::array::from_fn(|_| next()))).collect()
}

/// Proofs by the interpreter, one nonce at a time.
fn reference(items: &[Item], header_hash: &Hash, height: u32, nonces: Range<u64>) -> Vec<MixHit> {
    let bench = Bench::new(items);
    let prove = |nonce| {
        let share = [Share { header_hash: *header_hash, height, nonce }];
        let mut proof = [MixProof::default()];
        let fetch = |indexes: &[u32], found: &mut [Item]| found[0] = items[indexes[0] as usize];
        hash_together(&Interpreter::SCALAR, &bench.l1, bench.items, (&share, &mut proof), fetch);
        MixHit { nonce, proof: proof[0] }
    };
    nonces.map(prove).collect()
}

struct Search<'a> {
    items: &'a [Item],
    header_hash: Hash,
    height: u32,
    target: U256,
}

impl Search<'_> {
    fn run(
        &self,
        backend: &'static Backend,
        nonces: Range<u64>,
        interrupt: &Interrupt<'_>,
    ) -> (u64, Vec<MixHit>) {
        let rounds = Programs::new(backend).get(period_of(self.height));
        let Self { items, header_hash, target, .. } = self;
        let job = Job { items, rounds: &rounds, header_hash, target, interrupt };
        let mut hits = Vec::new();
        let tried = Bench::new(items).search(&job, nonces, &mut hits);
        (tried, hits)
    }

    fn hits(&self, backend: &'static Backend, nonces: Range<u64>) -> Vec<MixHit> {
        let count = nonces.end - nonces.start;
        let (tried, hits) = self.run(backend, nonces, &Interrupt::never());
        assert_eq!(tried, count, "{}", backend.name);
        hits
    }
}

#[test]
fn every_backend_finds_what_the_reference_finds() {
    let items = small_dataset();
    for height in [0, 3, 2_976_194, u32::MAX] {
        let start = u64::from(height) << 30;
        let all = reference(&items, &[height as u8; 32], height, start..start + 80);
        let target = U256::MAX.shr(1);
        let search = Search { items: &items, header_hash: [height as u8; 32], height, target };
        for (first, count) in
            [(0, 0), (0, 1), (1, 7), (0, 8), (3, 9), (0, 16), (5, 17), (0, 32), (1, 33), (0, 80)]
        {
            let expected = &all[first..first + count];
            let under = |hit: &&MixHit| U256::from_be_bytes(hit.proof.hash) <= target;
            let expected: Vec<MixHit> = expected.iter().filter(under).copied().collect();
            let nonces = start + first as u64..start + (first + count) as u64;
            for backend in available() {
                assert_eq!(search.hits(backend, nonces.clone()), expected, "{} {nonces:?}", backend.name);
            }
        }
    }
}

#[test]
fn every_backend_is_exact_at_the_edge_of_the_target() {
    let items = small_dataset();
    let one = U256::from_u64(1);
    for nonce in [0, 77, u64::MAX - 1] {
        let hit = reference(&items, &[9; 32], 12, nonce..nonce + 1)[0];
        let hash = U256::from_be_bytes(hit.proof.hash);
        let targets = [
            (hash, true),
            (hash.checked_add(one).unwrap(), true),
            (hash.checked_sub(one).unwrap(), false),
            (U256::MAX, true),
            (U256::ZERO, false),
        ];
        for (target, met) in targets {
            let search = Search { items: &items, header_hash: [9; 32], height: 12, target };
            for backend in available() {
                let expected = if met { vec![hit] } else { vec![] };
                assert_eq!(search.hits(backend, nonce..nonce + 1), expected, "{}", backend.name);
            }
        }
    }
}

#[test]
fn an_interrupted_search_tells_how_far_it_came() {
    let items = small_dataset();
    let search = Search { items: &items, header_hash: [4; 32], height: 8, target: U256::MAX.shr(4) };
    let end = 1 << 40;
    for backend in available() {
        let generation = AtomicU64::new(1);
        let interrupt = Interrupt::new(&generation, 1);
        let (tried, hits) = std::thread::scope(|scope| {
            let searching = scope.spawn(|| search.run(backend, 0..end, &interrupt));
            std::thread::yield_now();
            generation.store(2, Ordering::Relaxed);
            searching.join().unwrap()
        });
        assert!(tried < end);
        assert_eq!(hits, search.hits(backend, 0..tried), "{}", backend.name);
        assert_eq!(search.run(backend, 0..end, &interrupt), (0, vec![]), "{}", backend.name);
    }
}

/// A real dataset of which only the items are there that these nonces read. Gives it with the number of those
/// that lie beyond 4 GiB.
fn sparse_dataset(epoch: u32, header_hash: &Hash, height: u32, nonces: Range<u64>) -> (Vec<Item>, usize) {
    let epoch = Epoch::new(KAWPOW, epoch).expect("an epoch of the vectors");
    let cache = LightCache::build(epoch, &Progress::default()).expect("memory");
    let context = Context::new(Arc::new(cache));
    // The system gives pages when they are written to.
    let mut items = vec![[[0; 16]; 4]; context.dataset_modulus().divisor() as usize];
    let l1_items = size_of::<L1Cache>() / size_of::<Item>();
    for first in 0..l1_items {
        context.compute_items(&[first as u32], &mut items[first..=first]);
    }
    let mut beyond = 0;
    let l1 = Bench::new(&items).l1;
    for nonce in nonces {
        let share = [Share { header_hash: *header_hash, height, nonce }];
        let fetch = |indexes: &[u32], found: &mut [Item]| {
            context.compute_items(indexes, found);
            beyond += usize::from(indexes[0] as usize * size_of::<Item>() > u32::MAX as usize);
            items[indexes[0] as usize] = found[0];
        };
        let proofs = &mut [MixProof::default()];
        hash_together(&Interpreter::fastest(), &l1, context.dataset_modulus(), (&share, proofs), fetch);
    }
    (items, beyond)
}

#[test]
fn every_backend_finds_the_published_nonce() {
    for case in cases("kawpow", "search") {
        let start = case.number("/start_nonce") as u64;
        let nonces = start..start + case.number("/iterations") as u64;
        let (header_hash, height) = (case.array("/header_hash"), case.number("/height") as u32);
        let (items, _) = sparse_dataset(0, &header_hash, height, nonces.clone());
        let target = U256::from_be_bytes(case.array("/boundary"));
        let search = Search { items: &items, header_hash, height, target };
        let proof = MixProof { mix: case.array("/mix_hash"), hash: case.array("/final_hash") };
        let hit = MixHit { nonce: case.number("/found_nonce") as u64, proof };
        for backend in available() {
            assert_eq!(search.hits(backend, nonces.clone())[0], hit, "{}", backend.name);
        }
    }
}

#[test]
fn items_beyond_4_gib_are_found() {
    let headers = cases("kawpow", "header");
    let case = headers.iter().find(|case| case.number("/epoch") == 396.0).unwrap();
    let (header_hash, height) = (case.array("/header_hash"), case.number("/height") as u32);
    let nonce = u64::from_str_radix(case.text("/nonce64"), 16).unwrap();
    let nonces = nonce - 3..nonce + 1;
    let (items, beyond) = sparse_dataset(396, &header_hash, height, nonces.clone());
    assert!(beyond > 0);
    let proof = MixProof { mix: case.array("/mix_hash"), hash: case.array("/hash") };
    let search = Search { items: &items, header_hash, height, target: U256::from_be_bytes(proof.hash) };
    for backend in available() {
        assert_eq!(search.hits(backend, nonces.clone()), [MixHit { nonce, proof }], "{}", backend.name);
    }
}

/// The same through a real dataset, which takes a minute and a gibibyte.
#[test]
#[ignore = "builds a whole dataset"]
fn the_published_nonce_is_found_in_the_whole_dataset() {
    let cache = LightCache::build(Epoch::new(KAWPOW, 0).unwrap(), &Progress::default()).unwrap();
    let dataset = Arc::new(Dataset::build(&cache, 2, &Progress::default()).unwrap());
    for case in cases("kawpow", "search") {
        let programs = Programs::new(Backend::fastest());
        let mut searcher = Searcher::new(Arc::clone(&dataset), programs);
        let start = case.number("/start_nonce") as u64;
        let nonces = start..start + case.number("/iterations") as u64;
        let target = U256::from_be_bytes(case.array("/boundary"));
        let (header_hash, height) = (case.array("/header_hash"), case.number("/height") as u32);
        let mut hits = Vec::new();
        searcher.search(&header_hash, height, &target, nonces, &Interrupt::never(), &mut hits);
        assert_eq!(hits[0].nonce, case.number("/found_nonce") as u64);
    }
}
