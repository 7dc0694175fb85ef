//! Every kernel's search and batch hashing of any header, range and target against the reference.

use std::cell::RefCell;

use otedama_hash_api::{Backend, Hit, NONCE_END, PowHasher};
use otedama_primitives::{BlockHeader, Hash, U256};
use otedama_test_vectors::cases;

use crate::input::Input;

/// A hasher and the reference that it has to equal.
struct Case {
    name: &'static str,
    hasher: Box<dyn PowHasher>,
    reference: fn(&[u8; 80]) -> Hash,
    most_nonces: u8,
}

thread_local! {
    static CASES: RefCell<Vec<Case>> = RefCell::new(all_cases());
}

fn all_cases() -> Vec<Case> {
    let of = |backends: &[Backend], reference: fn(&[u8; 80]) -> Hash, most_nonces| {
        let available = backends.iter().filter(|backend| (backend.is_available)());
        let hasher = |backend: &Backend| (backend.create)().expect("there is memory for scratch");
        available
            .map(|backend| Case { name: backend.name, hasher: hasher(backend), reference, most_nonces })
            .collect::<Vec<_>>()
    };
    let mut cases =
        of(otedama_hash_sha256d::BACKENDS, |header| otedama_sha256::reference::sha256d(header), 80);
    // A hundred times slower: enough to put the target at an edge.
    cases.extend(of(otedama_hash_scrypt::BACKENDS, otedama_hash_scrypt::reference::hash_header, 2));
    cases
}

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let header = BlockHeader::from_bytes(input.array());
    let start = u64::from(input.u32());
    let (kernel, count, edge, distance) = (input.byte(), input.byte(), input.byte(), input.byte());
    let target = U256::from_le_bytes(&input.array());
    CASES.with_borrow_mut(|cases| {
        let kernels = cases.len();
        let case = &mut cases[usize::from(kernel) % kernels];
        let end = NONCE_END.min(start + u64::from(count % (case.most_nonces + 1)));
        let hashes: Vec<Hit> = (start..end)
            .map(|nonce| nonce as u32)
            .map(|nonce| Hit { nonce, hash: (case.reference)(header.with_nonce(nonce).as_bytes()) })
            .collect();
        let target = near(&hashes, edge, distance).unwrap_or(target);
        let mut hits = Vec::new();
        case.hasher.search(&header, &target, start..end, &mut hits);
        let expected: Vec<Hit> =
            hashes.iter().copied().filter(|hit| U256::from_le_bytes(&hit.hash) <= target).collect();
        assert_eq!(hits, expected, "{}", case.name);

        let headers: Vec<_> = hashes.iter().map(|hit| header.with_nonce(hit.nonce)).collect();
        let mut batch = vec![[0; 32]; headers.len()];
        case.hasher.hash_headers(&headers, &mut batch);
        assert!(batch.iter().eq(hashes.iter().map(|hit| &hit.hash)), "{}", case.name);
    });
}

/// A target at, one above or one below one of the hashes.
fn near(hashes: &[Hit], edge: u8, distance: u8) -> Option<U256> {
    let hash = U256::from_le_bytes(&hashes.get(usize::from(edge))?.hash);
    let one = U256::from_u64(1);
    match distance % 4 {
        0 => Some(hash),
        1 => hash.checked_add(one),
        2 => hash.checked_sub(one),
        _ => None,
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (file, kernel) in [("sha256d", 0u8), ("scrypt", 6)] {
        for (index, case) in cases(file, "header").iter().take(6).enumerate() {
            let mut seed = case.bytes("/header");
            seed.extend_from_within(76..);
            seed.extend([kernel + index as u8, 40, index as u8, index as u8]);
            seed.extend([0x7f; 32]);
            seeds.push(seed);
        }
    }
    seeds
}
