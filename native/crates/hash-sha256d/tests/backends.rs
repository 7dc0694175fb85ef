use otedama_hash_api::{Backend, Hit, NONCE_END};
use otedama_hash_sha256d::BACKENDS;
use otedama_primitives::{BlockHeader, Hash, U256};
use otedama_sha256::reference::sha256d;
use otedama_test_vectors::cases;

fn available() -> impl Iterator<Item = &'static Backend> {
    BACKENDS.iter().filter(|backend| (backend.is_available)())
}

/// Headers without structure, the same on every run.
fn headers(count: u32) -> Vec<BlockHeader> {
    (0..count)
        .map(|index| {
            let mut bytes = [0u8; 80];
            for (part, chunk) in bytes.chunks_mut(32).enumerate() {
                let digest = sha256d(&[index.to_le_bytes(), (part as u32).to_le_bytes()].concat());
                chunk.copy_from_slice(&digest[..chunk.len()]);
            }
            BlockHeader::from_bytes(bytes)
        })
        .collect()
}

fn reference_hits(header: &BlockHeader, target: &U256, nonces: core::ops::Range<u64>) -> Vec<Hit> {
    nonces
        .map(|nonce| Hit { nonce: nonce as u32, hash: sha256d(header.with_nonce(nonce as u32).as_bytes()) })
        .filter(|hit| U256::from_le_bytes(&hit.hash) <= *target)
        .collect()
}

#[test]
fn every_backend_finds_the_nonce_of_published_headers() {
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for case in cases("sha256d", "header").iter().chain(&cases("sha256d", "block")) {
            let header = BlockHeader::from_bytes(case.array("/header"));
            let hash = case.reversed("/hash");
            let around = u64::from(header.nonce()).saturating_sub(70);
            let mut hits = Vec::new();
            let target = U256::from_be_bytes(case.array("/target"));
            let expected = Hit { nonce: header.nonce(), hash };
            hasher.search(&header, &target, around..(around + 200).min(NONCE_END), &mut hits);
            assert!(hits.contains(&expected), "{} {}", backend.name, case.id());
            let mut hashes = [[0u8; 32]];
            hasher.hash_headers(&[header], &mut hashes);
            assert_eq!(hashes, [hash], "{} {}", backend.name, case.id());
        }
    }
}

#[test]
fn every_backend_is_exact_at_the_edge_of_the_target() {
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for (index, header) in headers(if cfg!(miri) { 2 } else { 24 }).iter().enumerate() {
            let nonce = 1000 + index as u64;
            let hash: Hash = sha256d(header.with_nonce(nonce as u32).as_bytes());
            let number = U256::from_le_bytes(&hash);
            for (target, met) in [
                (number, true),
                (number.checked_add(U256::from_u64(1)).unwrap(), true),
                (number.checked_sub(U256::from_u64(1)).unwrap(), false),
            ] {
                let mut hits = Vec::new();
                hasher.search(header, &target, nonce..nonce + 1, &mut hits);
                let expected = if met { vec![Hit { nonce: nonce as u32, hash }] } else { vec![] };
                assert_eq!(hits, expected, "{}", backend.name);
            }
        }
    }
}

#[test]
fn every_backend_finds_all_hits_of_any_range_and_no_others() {
    let ranges = [0..100, 1..1, 3..4, 15..49, 250..600, 0xffff..0x1_0041, NONCE_END - 37..NONCE_END];
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for (index, header) in headers(8).iter().enumerate() {
            for zeros in [0, 1, 3, 8] {
                let target = U256::MAX.shr(zeros);
                for nonces in &ranges {
                    let mut hits = Vec::new();
                    hasher.search(header, &target, nonces.clone(), &mut hits);
                    let expected = reference_hits(header, &target, nonces.clone());
                    assert_eq!(hits, expected, "{} header {index} {nonces:?}", backend.name);
                }
            }
        }
    }
}

#[test]
fn every_backend_hashes_batches_like_the_reference() {
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for count in [0, 1, 2, 15, 16, 17, 33, 100] {
            let headers = headers(count);
            let mut hashes = vec![[0u8; 32]; headers.len()];
            hasher.hash_headers(&headers, &mut hashes);
            for (header, hash) in headers.iter().zip(&hashes) {
                assert_eq!(*hash, sha256d(header.as_bytes()), "{}", backend.name);
            }
        }
    }
}
