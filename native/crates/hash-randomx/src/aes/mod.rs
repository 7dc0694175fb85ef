//! AES rounds as a generator and a fingerprint (specification chapters 3.2 to 3.4). Four columns of 16 bytes
//! each take one round per 64 bytes, encrypting and decrypting in turns, so that the four chains hide each
//! other's latency. The functions are written once over [`Rounds`]; each implementation of the rounds makes an
//! [`Aes`] of them.

#[cfg(target_arch = "aarch64")]
mod armv8;
#[cfg(target_arch = "x86_64")]
mod ni;
mod portable;

/// 64 bytes of generator or fingerprint state.
pub type State = [u8; 64];

/// The functions over one implementation of the rounds.
#[derive(Clone, Copy)]
pub struct Aes {
    name: &'static str,
    /// AesGenerator1R: fills whole lines, moves the state on.
    fill: fn(&mut State, &mut [u8]),
    /// AesHash1R of whole lines.
    hash: fn(&[u8]) -> State,
    /// Both over the same bytes in one pass: the fingerprint of the old, then the new in their place.
    hash_and_fill: fn(&mut [u8], &mut State) -> State,
    /// AesGenerator4R: fills whole lines.
    fill_program: fn(&State, &mut [u8]),
    /// v2's mixing of group F with group E.
    mix: fn(&mut [[u64; 2]; 4], &[[u64; 2]; 4]),
}

impl core::fmt::Debug for Aes {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Aes").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Aes {
    /// Every implementation that this processor runs, fastest first.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("aes") {
            all.push(ni::AES);
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("aes") {
            all.push(armv8::AES);
        }
        all.push(portable::AES);
        all
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    pub fn fill(&self, state: &mut State, lines: &mut [u8]) {
        (self.fill)(state, lines);
    }

    pub fn hash(&self, lines: &[u8]) -> State {
        (self.hash)(lines)
    }

    pub fn hash_and_fill(&self, lines: &mut [u8], state: &mut State) -> State {
        (self.hash_and_fill)(lines, state)
    }

    pub fn fill_program(&self, state: &State, lines: &mut [u8]) {
        (self.fill_program)(state, lines);
    }

    pub fn mix(&self, f: &mut [[u64; 2]; 4], e: &[[u64; 2]; 4]) {
        (self.mix)(f, e);
    }
}

/// One AES round on 16 bytes.
///
/// # Safety
/// The methods may only be called where the processor has the implementation's instructions.
unsafe trait Rounds {
    type Block: Copy;
    unsafe fn load(bytes: &[u8; 16]) -> Self::Block;
    unsafe fn store(block: Self::Block, bytes: &mut [u8; 16]);
    /// ShiftRows, SubBytes, MixColumns, XOR with the key.
    unsafe fn encrypt(block: Self::Block, key: Self::Block) -> Self::Block;
    /// The inverse steps, then XOR with the key.
    unsafe fn decrypt(block: Self::Block, key: Self::Block) -> Self::Block;
    /// Asks for a line that will be read soon, `ahead` bytes behind the start of `lines`.
    unsafe fn prefetch(lines: &[u8], ahead: usize);
}

const fn key(number: u128) -> [u8; 16] {
    number.to_be_bytes()
}

pub const FILL_KEYS: [[u8; 16]; 4] = [
    key(0x53a5ac6d096671622b55b5db1749f4b4),
    key(0x07af7c6d0d716a8478d325174edca10d),
    key(0xf162123fc67e949f4f79c0f445e3203e),
    key(0x3581ef6a7c31bab1884c311654911649),
];

pub const PROGRAM_KEYS: [[u8; 16]; 8] = [
    key(0xddaa2164db3d83d12b6d542f3fd2e599),
    key(0x50340eb2553f91b6539df706e5cddfa5),
    key(0x04d93e5caf7b5e519f67a40abf021c17),
    key(0x63376285085d8fe7853767cd91d2ded8),
    key(0x736f82b5a6a7d6e36d8b513db4ff9e22),
    key(0xf36b56c7d9b3109c4e4d02e9d2b772b2),
    key(0xe7c973f28ba365f70a66a92ba7ef3bf6),
    key(0x09d67c7ade395891fdd1060c2d76b0c0),
];

pub const HASH_STATE: [[u8; 16]; 4] = [
    key(0x0d2cb592de56a89f47db82ccad3a98d7),
    key(0x6e998d3398b7c7155a129ef55780e7ac),
    key(0x1700776ad0c762ae6b507950e47ca0e8),
    key(0x0c240a638d82ad070500a1794849997e),
];

pub const HASH_EXTRA_KEYS: [[u8; 16]; 2] =
    [key(0x8983faf69f94248bbf56dc9001028906), key(0xd163b2613ce0f451c64310ee9bf918ed)];

/// How far the fused pass reads ahead, in bytes. The fill writes each line back while the hash waits for the
/// next ones, so the distance is longer than either alone would need.
const PREFETCH_AHEAD: usize = 7168;

type Columns<R> = [<R as Rounds>::Block; 4];

/// # Safety
/// As for the methods of [`Rounds`]; the same holds for all functions below.
#[inline(always)]
unsafe fn load_columns<R: Rounds>(blocks: &[[u8; 16]; 4]) -> Columns<R> {
    // SAFETY: passed on to the caller.
    blocks.each_ref().map(|block| unsafe { R::load(block) })
}

#[inline(always)]
unsafe fn store_columns<R: Rounds>(columns: Columns<R>, blocks: &mut [[u8; 16]; 4]) {
    for (column, block) in columns.into_iter().zip(blocks) {
        // SAFETY: passed on to the caller.
        unsafe { R::store(column, block) }
    }
}

fn as_blocks(state: &State) -> &[[u8; 16]; 4] {
    state.as_chunks().0.try_into().expect("64 bytes are four blocks")
}

fn as_blocks_mut(state: &mut State) -> &mut [[u8; 16]; 4] {
    state.as_chunks_mut().0.try_into().expect("64 bytes are four blocks")
}

/// Decrypts columns 0 and 2, encrypts 1 and 3.
#[inline(always)]
unsafe fn generate<R: Rounds>(state: Columns<R>, keys: Columns<R>) -> Columns<R> {
    // SAFETY: passed on to the caller.
    unsafe {
        [
            R::decrypt(state[0], keys[0]),
            R::encrypt(state[1], keys[1]),
            R::decrypt(state[2], keys[2]),
            R::encrypt(state[3], keys[3]),
        ]
    }
}

/// Encrypts columns 0 and 2, decrypts 1 and 3.
#[inline(always)]
unsafe fn absorb<R: Rounds>(state: Columns<R>, input: Columns<R>) -> Columns<R> {
    // SAFETY: passed on to the caller.
    unsafe {
        [
            R::encrypt(state[0], input[0]),
            R::decrypt(state[1], input[1]),
            R::encrypt(state[2], input[2]),
            R::decrypt(state[3], input[3]),
        ]
    }
}

/// The two closing rounds of the fingerprint.
#[inline(always)]
unsafe fn close<R: Rounds>(state: Columns<R>) -> State {
    let mut bytes = [0; 64];
    // SAFETY: passed on to the caller.
    unsafe {
        let [first, second] = HASH_EXTRA_KEYS.each_ref().map(|key| R::load(key));
        let state = absorb::<R>(absorb::<R>(state, [first; 4]), [second; 4]);
        store_columns::<R>(state, as_blocks_mut(&mut bytes));
    }
    bytes
}

#[inline(always)]
unsafe fn fill<R: Rounds>(state: &mut State, lines: &mut [u8]) {
    // SAFETY: passed on to the caller.
    unsafe {
        let keys = load_columns::<R>(&FILL_KEYS);
        let mut columns = load_columns::<R>(as_blocks(state));
        for line in lines.as_chunks_mut::<64>().0 {
            columns = generate::<R>(columns, keys);
            store_columns::<R>(columns, as_blocks_mut(line));
        }
        store_columns::<R>(columns, as_blocks_mut(state));
    }
}

#[inline(always)]
unsafe fn hash<R: Rounds>(lines: &[u8]) -> State {
    // SAFETY: passed on to the caller.
    unsafe {
        let mut columns = load_columns::<R>(&HASH_STATE);
        for line in lines.as_chunks::<64>().0 {
            columns = absorb::<R>(columns, load_columns::<R>(as_blocks(line)));
        }
        close::<R>(columns)
    }
}

#[inline(always)]
unsafe fn hash_and_fill<R: Rounds>(lines: &mut [u8], state: &mut State) -> State {
    // SAFETY: passed on to the caller.
    unsafe {
        let keys = load_columns::<R>(&FILL_KEYS);
        let mut fill_columns = load_columns::<R>(as_blocks(state));
        let mut hash_columns = load_columns::<R>(&HASH_STATE);
        for line in lines.as_chunks_mut::<64>().0 {
            R::prefetch(line, PREFETCH_AHEAD);
            hash_columns = absorb::<R>(hash_columns, load_columns::<R>(as_blocks(line)));
            fill_columns = generate::<R>(fill_columns, keys);
            store_columns::<R>(fill_columns, as_blocks_mut(line));
        }
        store_columns::<R>(fill_columns, as_blocks_mut(state));
        close::<R>(hash_columns)
    }
}

#[inline(always)]
unsafe fn fill_program<R: Rounds>(state: &State, lines: &mut [u8]) {
    // SAFETY: passed on to the caller.
    unsafe {
        let keys = PROGRAM_KEYS.each_ref().map(|key| R::load(key));
        let mut columns = load_columns::<R>(as_blocks(state));
        for line in lines.as_chunks_mut::<64>().0 {
            for round in 0..4 {
                let (front, back) = (keys[round], keys[round + 4]);
                columns = generate::<R>(columns, [front, front, back, back]);
            }
            store_columns::<R>(columns, as_blocks_mut(line));
        }
    }
}

#[inline(always)]
unsafe fn mix<R: Rounds>(f: &mut [[u64; 2]; 4], e: &[[u64; 2]; 4]) {
    let bytes = |pair: [u64; 2]| (u128::from(pair[0]) | u128::from(pair[1]) << 64).to_le_bytes();
    // SAFETY: passed on to the caller.
    unsafe {
        let mut columns = load_columns::<R>(&f.map(bytes));
        for key in e {
            columns = absorb::<R>(columns, [R::load(&bytes(*key)); 4]);
        }
        let mut blocks = [[0; 16]; 4];
        store_columns::<R>(columns, &mut blocks);
        *f = blocks.map(|block| {
            let number = u128::from_le_bytes(block);
            [number as u64, (number >> 64) as u64]
        });
    }
}

/// An [`Aes`] of an implementation of the rounds, its functions compiled for the given target feature.
macro_rules! aes_of {
    ($name:literal, $rounds:ty $(, $feature:literal)?) => {
        $crate::aes::Aes {
            name: $name,
            fill: {
                $(#[target_feature(enable = $feature)])?
                unsafe fn run(state: &mut $crate::aes::State, lines: &mut [u8]) {
                    // SAFETY: passed on to the caller; the same holds for the others.
                    unsafe { $crate::aes::fill::<$rounds>(state, lines) }
                }
                // SAFETY: only handed out where the feature was detected.
                |state, lines| unsafe { run(state, lines) }
            },
            hash: {
                $(#[target_feature(enable = $feature)])?
                unsafe fn run(lines: &[u8]) -> $crate::aes::State {
                    // SAFETY: passed on to the caller.
                    unsafe { $crate::aes::hash::<$rounds>(lines) }
                }
                // SAFETY: only handed out where the feature was detected.
                |lines| unsafe { run(lines) }
            },
            hash_and_fill: {
                $(#[target_feature(enable = $feature)])?
                unsafe fn run(lines: &mut [u8], state: &mut $crate::aes::State) -> $crate::aes::State {
                    // SAFETY: passed on to the caller.
                    unsafe { $crate::aes::hash_and_fill::<$rounds>(lines, state) }
                }
                // SAFETY: only handed out where the feature was detected.
                |lines, state| unsafe { run(lines, state) }
            },
            fill_program: {
                $(#[target_feature(enable = $feature)])?
                unsafe fn run(state: &$crate::aes::State, lines: &mut [u8]) {
                    // SAFETY: passed on to the caller.
                    unsafe { $crate::aes::fill_program::<$rounds>(state, lines) }
                }
                // SAFETY: only handed out where the feature was detected.
                |state, lines| unsafe { run(state, lines) }
            },
            mix: {
                $(#[target_feature(enable = $feature)])?
                unsafe fn run(f: &mut [[u64; 2]; 4], e: &[[u64; 2]; 4]) {
                    // SAFETY: passed on to the caller.
                    unsafe { $crate::aes::mix::<$rounds>(f, e) }
                }
                // SAFETY: only handed out where the feature was detected.
                |f, e| unsafe { run(f, e) }
            },
        }
    };
}
use aes_of;
