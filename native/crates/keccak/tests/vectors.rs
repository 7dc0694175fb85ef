use otedama_keccak::{
    Engine, State800, State1600, keccak_f800, keccak_f1600, keccak256, keccak512, reference,
};
use otedama_test_vectors::cases;

/// SplitMix64: seeded, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn to_bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn gives_the_published_digests() {
    for case in cases("ethash", "keccak") {
        let input = case.bytes("/input");
        assert_eq!(keccak256(&input), case.array::<32>("/keccak256"), "{}", case.id());
        assert_eq!(keccak512(&input), case.array::<64>("/keccak512"), "{}", case.id());
    }
}

#[test]
fn gives_the_published_permutations_of_800_bits() {
    for case in cases("kawpow", "keccak-f800") {
        let read = |pointer| -> State800 {
            let bytes = case.array::<100>(pointer);
            core::array::from_fn(|index| u32::from_le_bytes(bytes.as_chunks::<4>().0[index]))
        };
        let mut state = read("/state_in");
        keccak_f800(&mut state);
        assert_eq!(state, read("/state_out"), "{}", case.id());
    }
}

/// The sponge in its simplest form: the padded message at once, byte by byte.
fn reference_digest(message: &[u8], digest_bytes: usize) -> Vec<u8> {
    let rate = 200 - 2 * digest_bytes;
    let mut padded = message.to_vec();
    padded.push(1);
    padded.resize(padded.len().next_multiple_of(rate), 0);
    *padded.last_mut().expect("at least the padding") |= 0x80;
    let mut state = [0; 25];
    for block in padded.chunks(rate) {
        for (index, byte) in block.iter().enumerate() {
            state[index / 8] ^= u64::from(*byte) << (8 * (index % 8));
        }
        reference::keccak_f1600(&mut state);
    }
    to_bytes(&state)[..digest_bytes].to_vec()
}

#[test]
fn messages_of_every_length_are_padded_right() {
    let mut random = Random(3);
    // Past two blocks of Keccak-256, whose rate is 136 bytes.
    let message: Vec<u8> = (0..280).map(|_| random.next() as u8).collect();
    for length in 0..=message.len() {
        let message = &message[..length];
        assert_eq!(keccak256(message).to_vec(), reference_digest(message, 32), "{length} bytes");
        assert_eq!(keccak512(message).to_vec(), reference_digest(message, 64), "{length} bytes");
    }
}

#[test]
fn permutations_equal_the_reference() {
    let mut random = Random(1);
    for _ in 0..200 {
        let wide: State1600 = core::array::from_fn(|_| random.next());
        let (mut ours, mut expected) = (wide, wide);
        keccak_f1600(&mut ours);
        reference::keccak_f1600(&mut expected);
        assert_eq!(ours, expected);
        let narrow: State800 = core::array::from_fn(|_| random.next() as u32);
        let (mut ours, mut expected) = (narrow, narrow);
        keccak_f800(&mut ours);
        reference::keccak_f800(&mut expected);
        assert_eq!(ours, expected);
    }
}

fn check_engine<const MESSAGE: usize, const DIGEST: usize>(hash: impl Fn(&[u8]) -> Vec<u8>) {
    let mut random = Random(MESSAGE as u64);
    for engine in Engine::available() {
        // Around the lane counts, so that part-filled groups are among them.
        for count in 0..20 {
            let messages: Vec<[u64; MESSAGE]> =
                (0..count).map(|_| core::array::from_fn(|_| random.next())).collect();
            let mut digests = vec![[0u64; DIGEST]; count];
            engine.hash_words(&messages, &mut digests);
            for (message, digest) in messages.iter().zip(&digests) {
                assert_eq!(to_bytes(digest), hash(&to_bytes(message)), "{} of {count}", engine.name());
            }
        }
    }
}

#[test]
fn every_engine_hashes_many_messages_as_one() {
    check_engine::<5, 8>(|message| keccak512(message).to_vec());
    check_engine::<8, 8>(|message| keccak512(message).to_vec());
    check_engine::<4, 4>(|message| keccak256(message).to_vec());
    check_engine::<12, 4>(|message| keccak256(message).to_vec());
    check_engine::<16, 4>(|message| keccak256(message).to_vec());
}

#[test]
fn every_engine_permutes_many_states_as_one() {
    let mut random = Random(800);
    for engine in Engine::available() {
        for count in 0..36 {
            let states: Vec<State800> =
                (0..count).map(|_| core::array::from_fn(|_| random.next() as u32)).collect();
            let mut ours = states.clone();
            engine.permute_f800(&mut ours);
            for (mut state, ours) in states.into_iter().zip(ours) {
                keccak_f800(&mut state);
                assert_eq!(state, ours, "{} of {count}", engine.name());
            }
        }
    }
}
