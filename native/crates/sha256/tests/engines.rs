use otedama_sha256::{Block, Engine, INITIAL_STATE, State, reference, state_to_bytes};
use otedama_test_vectors::cases;

/// splitmix64: enough randomness for property tests, the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn block(&mut self) -> Block {
        core::array::from_fn(|_| self.next() as u8)
    }

    fn state(&mut self) -> State {
        core::array::from_fn(|_| self.next() as u32)
    }
}

#[test]
fn every_engine_and_the_reference_digest_the_published_messages() {
    for engine in Engine::available() {
        for case in cases("sha256d", "sha256") {
            assert_eq!(
                engine.sha256(&case.bytes("/input")),
                case.array("/output"),
                "{engine:?} {}",
                case.id()
            );
            assert_eq!(reference::sha256(&case.bytes("/input")), case.array("/output"), "{}", case.id());
        }
        for case in cases("sha256d", "sha256d") {
            assert_eq!(
                engine.sha256d(&case.bytes("/input")),
                case.array("/output"),
                "{engine:?} {}",
                case.id()
            );
        }
    }
}

#[test]
fn every_engine_reaches_the_published_midstates() {
    for engine in Engine::available() {
        for case in cases("sha256d", "midstate") {
            let mut state = INITIAL_STATE;
            engine.compress(&mut state, &case.array("/header_first_64"));
            assert_eq!(state_to_bytes(&state), case.array("/midstate"), "{engine:?} {}", case.id());
        }
    }
}

#[test]
fn every_engine_equals_the_reference_for_any_number_of_blocks() {
    let mut random = Random(1);
    for engine in Engine::available() {
        // Every way through the lanes at least once; Miri is some hundred times slower.
        for count in if cfg!(miri) { 0..6 } else { 0..70 } {
            let blocks: Vec<Block> = (0..count).map(|_| random.block()).collect();
            let start: Vec<State> = (0..count).map(|_| random.state()).collect();
            let mut expected = start.clone();
            for (state, block) in expected.iter_mut().zip(&blocks) {
                reference::compress(state, block);
            }
            let mut states = start.clone();
            engine.compress_many(&mut states, &blocks);
            assert_eq!(states, expected, "{engine:?} with {count} blocks");
        }
    }
}

#[test]
fn every_engine_double_hashes_pairs_and_messages_of_every_length() {
    let mut random = Random(2);
    for engine in Engine::available() {
        let pairs: Vec<Block> = (0..41).map(|_| random.block()).collect();
        let mut digests = vec![[0u8; 32]; pairs.len()];
        engine.sha256d_pairs(&pairs, &mut digests);
        for (pair, digest) in pairs.iter().zip(&digests) {
            assert_eq!(*digest, reference::sha256d(pair), "{engine:?}");
        }
        for length in 0..200 {
            let message: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            assert_eq!(engine.sha256(&message), reference::sha256(&message), "{engine:?} {length} bytes");
            for absorbed in (0..=length).step_by(64) {
                let mut state = INITIAL_STATE;
                for block in message[..absorbed].as_chunks::<64>().0 {
                    engine.compress(&mut state, block);
                }
                let digest = engine.sha256d_after(state, absorbed as u64, &message[absorbed..]);
                assert_eq!(
                    digest,
                    reference::sha256d(&message),
                    "{engine:?} {length} bytes after {absorbed}"
                );
            }
        }
    }
}

#[test]
fn folds_the_published_merkle_branches() {
    let engine = Engine::fastest();
    for case in cases("sha256d", "merkle-fold") {
        let leaf = engine.sha256d(&case.bytes("/coinbase"));
        assert_eq!(leaf, case.array("/coinbase_hash"), "{}", case.id());
        let root = otedama_primitives::fold_merkle_branch(leaf, &case.hashes("/merkle_branch"), |pair| {
            engine.sha256d(pair)
        });
        assert_eq!(root, case.array("/merkle_root"), "{}", case.id());
    }
}
