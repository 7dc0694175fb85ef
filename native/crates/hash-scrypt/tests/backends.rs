use otedama_hash_api::{Backend, Hit, NONCE_END};
use otedama_hash_scrypt::{BACKENDS, reference};
use otedama_primitives::{BlockHeader, U256};
use otedama_test_vectors::cases;

fn available() -> impl Iterator<Item = &'static Backend> {
    BACKENDS.iter().filter(|backend| (backend.is_available)())
}

fn headers(count: u32) -> Vec<BlockHeader> {
    (0..count)
        .map(|index| BlockHeader::from_bytes(core::array::from_fn(|at| (at as u32 * 7 + index * 131) as u8)))
        .collect()
}

#[test]
fn the_reference_gives_the_published_outputs() {
    for case in cases("scrypt", "scrypt-generic") {
        let mut out = vec![0; case.number("/dklen") as usize];
        reference::scrypt(
            &case.bytes("/password"),
            &case.bytes("/salt"),
            case.number("/N") as usize,
            &mut out,
        );
        assert_eq!(out, case.bytes("/output"), "{}", case.id());
    }
    for case in cases("scrypt", "scrypt") {
        let input = case.bytes("/input");
        let mut out = [0; 32];
        reference::scrypt(&input, &input, 1024, &mut out);
        assert_eq!(out, case.array("/output"), "{}", case.id());
    }
}

#[test]
fn every_backend_gives_the_proof_of_work_of_published_headers() {
    let cases: Vec<_> = cases("scrypt", "header").into_iter().chain(cases("scrypt", "block")).collect();
    let headers: Vec<BlockHeader> =
        cases.iter().map(|case| BlockHeader::from_bytes(case.array("/header"))).collect();
    for (case, header) in cases.iter().zip(&headers) {
        assert_eq!(reference::hash_header(header.as_bytes()), case.reversed("/pow_hash"), "{}", case.id());
    }
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        let mut hashes = vec![[0u8; 32]; headers.len()];
        hasher.hash_headers(&headers, &mut hashes);
        for (case, hash) in cases.iter().zip(&hashes) {
            assert_eq!(*hash, case.reversed("/pow_hash"), "{} {}", backend.name, case.id());
        }
        for (case, header) in cases.iter().zip(&headers) {
            let mut hits = Vec::new();
            let nonce = u64::from(header.nonce());
            let target = U256::from_be_bytes(case.array("/target"));
            hasher.search(header, &target, nonce.saturating_sub(3)..nonce + 1, &mut hits);
            let hit = Hit { nonce: header.nonce(), hash: case.reversed("/pow_hash") };
            assert_eq!(hits.last(), Some(&hit), "{} {}", backend.name, case.id());
        }
    }
}

#[test]
fn every_backend_is_exact_at_the_edge_of_the_target() {
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for header in headers(3) {
            let hash = reference::hash_header(header.with_nonce(5).as_bytes());
            let number = U256::from_le_bytes(&hash);
            let above = number.checked_add(U256::from_u64(1)).unwrap();
            let below = number.checked_sub(U256::from_u64(1)).unwrap();
            for (target, met) in [(number, true), (above, true), (below, false)] {
                let mut hits = Vec::new();
                hasher.search(&header, &target, 5..6, &mut hits);
                assert_eq!(hits, if met { vec![Hit { nonce: 5, hash }] } else { vec![] }, "{}", backend.name);
            }
        }
    }
}

#[test]
fn every_backend_finds_all_hits_of_any_range_and_no_others() {
    let target = U256::MAX.shr(1);
    let header = headers(1)[0];
    let ranges = [0..0, 0..1, 3..26, NONCE_END - 9..NONCE_END];
    let reference = |nonces: core::ops::Range<u64>| -> Vec<Hit> {
        nonces
            .map(|nonce| header.with_nonce(nonce as u32))
            .map(|header| Hit { nonce: header.nonce(), hash: reference::hash_header(header.as_bytes()) })
            .filter(|hit| U256::from_le_bytes(&hit.hash) <= target)
            .collect()
    };
    let expected: Vec<Vec<Hit>> = ranges.iter().cloned().map(reference).collect();
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for (nonces, expected) in ranges.iter().zip(&expected) {
            let mut hits = Vec::new();
            hasher.search(&header, &target, nonces.clone(), &mut hits);
            assert_eq!(hits, *expected, "{} {nonces:?}", backend.name);
        }
    }
}

#[test]
fn every_backend_hashes_batches_of_any_length_like_the_reference() {
    // Miri takes a minute for one.
    const COUNTS: &[usize] = if cfg!(miri) { &[1] } else { &[0, 1, 2, 5, 8, 9, 16, 17, 37] };
    let headers = headers(37);
    let headers = &headers[..*COUNTS.last().expect("there are some")];
    let expected: Vec<_> = headers.iter().map(|header| reference::hash_header(header.as_bytes())).collect();
    for backend in available() {
        let mut hasher = (backend.create)().unwrap();
        for &count in COUNTS {
            let mut hashes = vec![[0u8; 32]; count];
            hasher.hash_headers(&headers[..count], &mut hashes);
            assert_eq!(hashes, expected[..count], "{} {count}", backend.name);
        }
    }
}
