//! Whole hashes, on every backend.

use otedama_primitives::Hash;
use otedama_test_vectors::{Case, cases, unhex};

use super::shared::{Random, cache_of};
use crate::aes::Aes;
use crate::{BACKENDS, Backend, Hasher, Key, SeedMemory, Variant, commitment, meets_difficulty, seed_height};

pub fn backends() -> impl Iterator<Item = Backend> {
    BACKENDS.iter().copied().filter(Backend::is_available)
}

fn light(key: &[u8], variant: Variant, backend: Backend) -> Hasher {
    Hasher::new(cache_of(key), variant, backend).expect("memory")
}

#[test]
fn hashes_every_published_input() {
    for case in cases("randomx", "hash") {
        for backend in backends() {
            let hash = light(&case.bytes("/key"), Variant::V1, backend).hash(&case.bytes("/input"));
            assert_eq!(hash, case.array("/output"), "{} on {}", case.id(), backend.name());
        }
    }
}

/// RandomX v2 of the reference library's tests: the case whose key and input they share, and the hash.
const V2_HASHES: [(&str, &str); 4] = [
    ("randomx-test-1a", "22ec6b861b3eb23686b2efbad69513c967ecfce80983df66c9c5b4fbfb4cdb6f"),
    ("randomx-test-1b", "9e2c772c12fd48f93c14c97fdc89d556264d9100597023f44d9163e279012ecf"),
    ("randomx-test-1d", "97024134686ce27d362ea8d86d8ef16483ac272abdabd46ef13359400777fe5e"),
    ("randomx-test-1e", "c8e92c5f7c1946fecf06bc382b92e3111da38ee3e6a5ad90704e1a9d8aaf6e76"),
];

#[test]
fn hashes_v2() {
    let cases = cases("randomx", "hash");
    for (id, expected) in V2_HASHES {
        let case = cases.iter().find(|case| case.id() == id).expect("a published case");
        for backend in backends() {
            let hash = light(&case.bytes("/key"), Variant::V2, backend).hash(&case.bytes("/input"));
            assert_eq!(hash.to_vec(), unhex(expected), "{id} on {}", backend.name());
        }
    }
}

#[test]
fn commits_to_input_and_hash() {
    let input = b"This is a test";
    for backend in backends() {
        let hash = light(b"test key 000", Variant::V2, backend).hash(input);
        // The reference library's value.
        let expected = unhex("133be717399046b03ae82ce8ddd9d1ee4d3ea7fca03a50dec09b6848cbb98e18");
        assert_eq!(commitment(input, &hash).to_vec(), expected, "{}", backend.name());
    }
}

/// Blocks of the Monero network, each hashed with the key of its own epoch.
#[test]
fn hashes_blocks_to_their_difficulty() {
    let backend = backends().next().expect("one runs everywhere");
    let mut blocks = cases("randomx", "block");
    // A key at a time: each needs a cache.
    blocks.sort_by_key(|case| case.text("/seed_hash").to_owned());
    for case in &blocks {
        let blob = case.bytes("/hashing_blob");
        let hash = light(&case.bytes("/seed_hash"), Variant::V1, backend).hash(&blob);
        assert_eq!(hash, case.array("/pow_hash"), "{}", case.id());
        let difficulty: u128 = case.text("/pow_difficulty").parse().expect("a number");
        assert!(meets_difficulty(&hash, difficulty), "{}", case.id());
        assert!(!meets_difficulty(&hash, difficulty + 1), "{}", case.id());
    }
}

#[test]
fn checks_published_difficulties() {
    for case in cases("randomx", "check-hash") {
        let difficulty = case.text("/difficulty").parse().expect("a number");
        assert_eq!(meets_difficulty(&case.array("/hash"), difficulty), case.flag("/ok"), "{}", case.id());
    }
    assert!(meets_difficulty(&[0xff; 32], 1) && !meets_difficulty(&[0xff; 32], 2));
    assert!(meets_difficulty(&[0; 32], u128::MAX));
    assert!(!meets_difficulty(&[0xff; 32], u128::MAX));
}

#[test]
fn takes_the_seed_of_published_heights() {
    let height = |case: &Case, pointer| case.number(pointer) as u64;
    for case in cases("randomx", "seed-height").iter().chain(&cases("randomx", "block")) {
        assert_eq!(seed_height(height(case, "/height")), height(case, "/seed_height"), "{}", case.id());
    }
    assert_eq!((seed_height(2112), seed_height(2113), seed_height(u64::MAX)), (0, 2048, u64::MAX - 2047));
}

#[test]
fn hashes_in_a_row_are_the_hashes_one_by_one() {
    let mut random = Random(6);
    for (backend, variant) in backends().flat_map(|backend| Variant::ALL.map(|variant| (backend, variant))) {
        let inputs: Vec<Vec<u8>> = [0, 300].into_iter().map(|length| random.bytes(length)).collect();
        let inputs: Vec<&[u8]> = inputs.iter().map(Vec::as_slice).collect();
        let mut hasher = light(b"test key 000", variant, backend);
        let mut hashes = vec![[0; 32]; inputs.len()];
        hasher.hash_many(&inputs, &mut hashes);
        let single: Vec<Hash> = inputs.iter().map(|input| hasher.hash(input)).collect();
        assert_eq!(hashes, single, "{} {variant:?}", backend.name());
        hasher.hash_many(&[], &mut []);
    }
}

#[test]
fn every_backend_and_aes_hashes_alike() {
    let mut random = Random(7);
    let cache = SeedMemory::from(cache_of(b"test key 000"));
    for variant in Variant::ALL {
        for round in 0..2 {
            let input = random.bytes(76);
            let mut hashes = Vec::new();
            for backend in backends() {
                for aes in Aes::available() {
                    let mut hasher = Hasher::with_aes(cache.clone(), variant, backend, aes).expect("memory");
                    hashes.push((hasher.hash(&input), backend.name(), aes));
                }
            }
            let equal = hashes.iter().all(|(hash, ..)| *hash == hashes[0].0);
            assert!(equal && hashes.len() >= 2, "{variant:?} {round} {hashes:?}");
        }
    }
}

#[test]
fn goes_on_with_another_key() {
    let mut hasher = Hasher::fastest(cache_of(b"test key 000"), Variant::V1).expect("memory");
    let first = hasher.hash(b"x");
    hasher.switch(cache_of(b"test key 001")).expect("a cache");
    assert_eq!(Some(hasher.memory().key()), Key::new(b"test key 001").as_ref());
    let second = hasher.hash(b"x");
    assert_eq!(second, light(b"test key 001", Variant::V1, hasher.backend()).hash(b"x"));
    assert_ne!(first, second);
}

/// Nonces of the reference benchmark; its result is the XOR of a thousand hashes.
pub fn benchmark_xor(memory: SeedMemory, variant: Variant, nonces: u32) -> Hash {
    let mut blob = unhex(concat!(
        "0707f7a4f0d605b303260816ba3f10902e1a145ac5fad3aa3af6ea44c11869dc4f853f002b2eea",
        "0000000077b206a02ca5b1d4ce6bbfdf0acac38bded34d2dcdeef95cd20cefc12f61d56109",
    ));
    let mut hasher = Hasher::fastest(memory, variant).expect("memory");
    let mut result = [0; 32];
    for nonce in 0..nonces {
        blob[39..43].copy_from_slice(&nonce.to_le_bytes());
        for (byte, other) in result.iter_mut().zip(hasher.hash(&blob)) {
            *byte ^= other;
        }
    }
    result
}

#[test]
#[ignore = "a minute; the shorter tests take the same path"]
fn reaches_the_results_of_the_reference_benchmark() {
    let v1 = "10b649a3f15c7c7f88277812f2e74b337a0f20ce909af09199cccb960771cfa1";
    let v2 = "b85d79e080b10b6ad28c2e6c993601a1361917dba979e03a0a8f7248aaf4ba52";
    let cache = SeedMemory::from(cache_of(&[0; 4]));
    assert_eq!(benchmark_xor(cache.clone(), Variant::V1, 1000).to_vec(), unhex(v1));
    assert_eq!(benchmark_xor(cache, Variant::V2, 1000).to_vec(), unhex(v2));
}
