//! Against tevador's library, through the crate that carries it: random keys and inputs.

use randomx_rs::{RandomXCache, RandomXFlag, RandomXVM};

use super::hashes::backends;
use super::shared::{Random, cache_of};
use crate::{Hasher, Variant};

#[test]
fn hashes_like_the_reference_library() {
    let mut random = Random(8);
    for key_bytes in [1, 32, 60] {
        let key = random.bytes(key_bytes);
        let flags = RandomXFlag::get_recommended_flags();
        let their_cache = RandomXCache::new(flags, &key).expect("memory");
        let theirs = RandomXVM::new(flags, Some(their_cache), None).expect("memory");
        for backend in backends() {
            let mut ours = Hasher::new(cache_of(&key), Variant::V1, backend).expect("memory");
            for length in [1, 76, 200] {
                let input = random.bytes(length);
                let expected = theirs.calculate_hash(&input).expect("a hash");
                assert_eq!(ours.hash(&input).to_vec(), expected, "{} {key:?} {input:?}", backend.name());
            }
        }
    }
}
