use std::sync::LazyLock;

use otedama_dag::{ETCHASH, ETHASH, Engine, Epoch, Item512, KAWPOW, LightCache, Rules, reference};
use otedama_hash_api::{HashError, Progress};
use otedama_keccak::keccak256;
use otedama_test_vectors::cases;

static EPOCH_0: LazyLock<LightCache> = LazyLock::new(|| build(ETHASH, 0));

fn build(rules: Rules, number: u32) -> LightCache {
    let epoch = Epoch::new(rules, number).expect("a known epoch");
    LightCache::build(epoch, &Progress::default()).expect("memory for a light cache")
}

fn to_bytes(items: &[Item512]) -> Vec<u8> {
    items.iter().flat_map(reference::to_bytes).collect()
}

fn check_light_caches(file: &str) {
    for case in cases(file, "light-cache") {
        let number = case.number("/epoch") as u32;
        // The published Etchash caches are named by epochs of 30,000 blocks.
        let built;
        let cache = if number == 0 {
            &*EPOCH_0
        } else {
            built = build(ETHASH, number);
            &built
        };
        let bytes = to_bytes(cache.items());
        assert_eq!(keccak256(&bytes), case.array::<32>("/keccak256"), "{}", case.id());
        assert_eq!(bytes[..64], case.bytes("/first_item"), "{}", case.id());
        assert_eq!(bytes[bytes.len() - 64..], case.bytes("/last_item"), "{}", case.id());
    }
}

#[test]
fn ethash_light_caches_are_the_published_ones() {
    check_light_caches("ethash");
}

#[test]
fn etchash_light_caches_are_the_published_ones() {
    check_light_caches("etchash");
}

#[test]
fn dataset_items_are_the_published_ones() {
    let mut built: Option<LightCache> = None;
    for case in cases("ethash", "dataset-item") {
        let number = case.number("/epoch") as u32;
        let cache = match built.take() {
            Some(cache) if cache.epoch().number() == number => cache,
            _ => build(ETHASH, number),
        };
        let index = case.number("/index") as u32;
        for engine in Engine::available() {
            let mut items = [[0; 16]; 2];
            cache.dataset_items_512(&engine, &[2 * index, 2 * index + 1], &mut items);
            assert_eq!(to_bytes(&items), case.bytes("/item"), "{} by {}", case.id(), engine.name());
        }
        built = Some(cache);
    }
}

#[test]
fn a_light_cache_equals_the_reference() {
    assert!(EPOCH_0.items() == reference::light_cache(EPOCH_0.epoch()), "the light caches differ");
}

#[test]
fn every_engine_computes_many_items_as_one() {
    // KawPow shares Ethash's light cache and takes twice the parents.
    for cache in [&*EPOCH_0, &build(KAWPOW, 0)] {
        let last = 2 * cache.epoch().dataset_items() - 1;
        let indexes: Vec<u32> = (0..70).chain([last - 1, last, u32::MAX]).collect();
        let parents = cache.epoch().rules().parents;
        let expected: Vec<Item512> =
            indexes.iter().map(|index| reference::dataset_item_512(cache.items(), parents, *index)).collect();
        for engine in Engine::available() {
            for count in [0, 1, 2, 3, 4, 5, 7, 8, 16, 63, 64, 65, indexes.len()] {
                let mut items = vec![[0; 16]; count];
                cache.dataset_items_512(&engine, &indexes[..count], &mut items);
                assert!(items == expected[..count], "{} of {count} items", engine.name());
            }
        }
    }
}

#[test]
fn building_ends_soon_after_it_is_cancelled() {
    let progress = Progress::default();
    progress.cancel();
    let epoch = Epoch::new(ETCHASH, 3).expect("a known epoch");
    assert_eq!(LightCache::build(epoch, &progress).err(), Some(HashError::Cancelled));
    let (done, total) = progress.get();
    assert_eq!(total, 4 * u64::from(epoch.light_items()));
    assert!(done <= total / 100, "{done} of {total} hashes done");
}
