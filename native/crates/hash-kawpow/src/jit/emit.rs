//! Turns a program into the machine code of one round for as many lanes as a vector has.
//!
//! The mix lives in memory, because the words that choose cache words are read one by one: every register is
//! stored when it is written, and a copy stays in a vector register while there is a use for it and room. The
//! code is a straight line that touches nothing but the five things its caller passes.

use super::assembler::*;
use super::{CONSTANT_BYTES, Constant, ROW_BYTES};
use crate::program::{INSTRUCTIONS, Instruction, Math, Merge, Program, Source};

/// Arguments in the order of the System V convention: the first of the code's lanes in register row 0, the
/// code's part of the dataset item, the L1 cache, the order of the item's groups, and the constants.
const MIX: General = General::Rdi;
const ITEM: General = General::Rsi;
const L1: General = General::Rdx;
const ORDER: General = General::Rcx;
const CONSTANTS: General = General::R8;

/// A pair of cache indices and the bits to keep of them.
const PAIR: General = General::Rax;
const LOW: General = General::R9;
const INDEX_BITS: General = General::R10;
const INDEX_PAIR_BITS: u64 = 0x0000_0fff_0000_0fff;

/// Registers for the work on an instruction; the others hold copies of the mix.
const TEMPORARIES: u8 = 7;
const T: [Vector; TEMPORARIES as usize] =
    [Vector(0), Vector(1), Vector(2), Vector(3), Vector(4), Vector(5), Vector(6)];

const EVEN_WORDS: Mask = Mask(1);
const ODD_WORDS_BLEND: u8 = 0b1010_1010;

/// Instructions that the code may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// F, VL, BW, DQ and CD; counting bits is an extension of its own.
    Avx512 {
        count_bits: bool,
    },
    Avx2,
}

impl InstructionSet {
    /// Fastest first.
    pub const ALL: [Self; 3] =
        [Self::Avx512 { count_bits: true }, Self::Avx512 { count_bits: false }, Self::Avx2];

    pub fn is_available(self) -> bool {
        match self {
            Self::Avx512 { count_bits } => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512cd")
                    && (!count_bits || is_x86_feature_detected!("avx512vpopcntdq"))
            }
            Self::Avx2 => is_x86_feature_detected!("avx2"),
        }
    }

    pub fn fastest_avx512() -> Option<Self> {
        Self::ALL.into_iter().find(|set| matches!(set, Self::Avx512 { .. }) && set.is_available())
    }

    pub const fn lanes(self) -> usize {
        match self {
            Self::Avx512 { .. } => 16,
            Self::Avx2 => 8,
        }
    }

    const fn width(self) -> Width {
        match self {
            Self::Avx512 { .. } => Width::Bits512,
            Self::Avx2 => Width::Bits256,
        }
    }

    const fn vectors(self) -> u8 {
        match self {
            Self::Avx512 { .. } => 32,
            Self::Avx2 => 16,
        }
    }
}

pub fn round_code(program: &Program, set: InstructionSet) -> Vec<u8> {
    let mut emitter = Emitter {
        asm: Assembler::default(),
        set,
        width: set.width(),
        program: program.instructions(),
        now: 0,
        copies: vec![None; usize::from(set.vectors() - TEMPORARIES)],
    };
    emitter.round();
    emitter.asm.finish()
}

struct Emitter<'a> {
    asm: Assembler,
    set: InstructionSet,
    width: Width,
    program: &'a [Instruction; INSTRUCTIONS],
    /// The instruction being emitted.
    now: usize,
    /// Which row of the mix each vector from `TEMPORARIES` on holds.
    copies: Vec<Option<u8>>,
}

impl Emitter<'_> {
    fn round(&mut self) {
        self.asm.set(INDEX_BITS, INDEX_PAIR_BITS);
        if self.avx512() {
            self.asm.set(PAIR, 0x5555);
            self.asm.set_mask(EVEN_WORDS, PAIR);
        }
        for (index, instruction) in self.program.iter().enumerate() {
            self.now = index;
            let word = match instruction.source {
                Source::Cache { index } => self.cache_words(index),
                Source::Math { math, first, second } => self.math(math, first, second),
                Source::Item { word } => self.item_words(word),
            };
            self.merge(instruction.merge, instruction.target, word);
        }
        self.asm.leave();
    }

    const fn avx512(&self) -> bool {
        matches!(self.set, InstructionSet::Avx512 { .. })
    }

    fn op(&mut self, opcode: Opcode, target: Vector, a: Vector, b: impl Into<Operand>) {
        self.asm.vector(self.width, opcode, target, a, b);
    }

    fn shift(&mut self, shift: Shift, target: Vector, source: Vector, count: u8) {
        self.asm.shift(self.width, shift, target, source, count);
    }

    /// A vector that holds a row of the mix.
    fn copy(&mut self, row: u8) -> Vector {
        let slot = match self.copies.iter().position(|copy| *copy == Some(row)) {
            Some(slot) => slot,
            None => {
                let slot = self.slot_to_reuse();
                self.copies[slot] = Some(row);
                self.asm.load(self.width, slot_vector(slot), row_memory(row));
                slot
            }
        };
        slot_vector(slot)
    }

    /// Free, or else the one whose row is needed last. A row that the current instruction has taken already is
    /// needed now and so stays, as there are more vectors than an instruction has operands.
    fn slot_to_reuse(&self) -> usize {
        let next_use = |copy: &Option<u8>| copy.map_or(usize::MAX, |row| self.next_use(row));
        let (slot, _) = self
            .copies
            .iter()
            .enumerate()
            .max_by_key(|(_, copy)| next_use(copy))
            .expect("there are vectors beyond the temporaries");
        slot
    }

    fn next_use(&self, row: u8) -> usize {
        let uses = |instruction: &Instruction| {
            let operand = matches!(instruction.source, Source::Math { first, second, .. }
                if first == row || second == row);
            operand || instruction.target == row
        };
        let rest = &self.program[self.now..];
        rest.iter().position(uses).map_or(usize::MAX, |distance| self.now + distance)
    }

    /// Cache words at indices that lie in memory. Loads that go two indices at a time beat the processor's
    /// own gather by 1.7 on Zen 4, and are not slowed down where gathers are mitigated.
    fn cache_words(&mut self, row: u8) -> Vector {
        let quarters = self.set.lanes() / 4;
        for (quarter, target) in T.into_iter().enumerate().take(quarters) {
            let offset = usize::from(row) * ROW_BYTES + quarter * 16;
            self.take_index_pair(offset);
            self.asm.load_word(target, Memory::word(L1, LOW));
            self.asm.insert_word(target, Memory::word(L1, PAIR), 1);
            self.take_index_pair(offset + 8);
            self.asm.insert_word(target, Memory::word(L1, LOW), 2);
            self.asm.insert_word(target, Memory::word(L1, PAIR), 3);
        }
        for pair in 0..quarters / 2 {
            let halves = (T[pair * 2], T[pair * 2], T[pair * 2 + 1]);
            self.asm.vector_immediate(Width::Bits256, VINSERTI128, halves, 1);
        }
        if quarters == 4 {
            self.asm.vector_immediate(self.width, VINSERTI64X4, (T[0], T[0], T[2]), 1);
        }
        T[0]
    }

    /// Two words of the mix, as indices into the cache: the first in `LOW`, the second in `PAIR`.
    fn take_index_pair(&mut self, offset: usize) {
        self.asm.load_general(PAIR, Memory::at(MIX, offset));
        self.asm.and(PAIR, INDEX_BITS);
        self.asm.move_low(LOW, PAIR);
        self.asm.shift_right(PAIR, 32);
    }

    fn math(&mut self, math: Math, first: u8, second: u8) -> Vector {
        let (a, b) = (self.copy(first), self.copy(second));
        let opcode = match math {
            Math::Add => VPADDD,
            Math::Multiply => VPMULLD,
            Math::MultiplyHigh => return self.multiply_high(a, b),
            Math::Minimum => VPMINUD,
            Math::RotateLeft if self.avx512() => VPROLVD,
            Math::RotateRight if self.avx512() => VPRORVD,
            Math::RotateLeft => return self.rotate(a, b, VPSLLVD, VPSRLVD),
            Math::RotateRight => return self.rotate(a, b, VPSRLVD, VPSLLVD),
            Math::And => VPAND,
            Math::Or => VPOR,
            Math::Xor => VPXOR,
            Math::LeadingZeros => return self.leading_zeros(a, b),
            Math::SetBits => return self.set_bits(a, b),
        };
        self.op(opcode, T[0], a, b);
        T[0]
    }

    /// Upper halves of products, which are made for every other word.
    fn multiply_high(&mut self, a: Vector, b: Vector) -> Vector {
        self.op(VPMULUDQ, T[0], a, b);
        self.asm.spread_odd_words(self.width, T[1], a, None);
        self.asm.spread_odd_words(self.width, T[2], b, None);
        self.op(VPMULUDQ, T[1], T[1], T[2]);
        if self.avx512() {
            self.asm.spread_odd_words(self.width, T[1], T[0], Some(EVEN_WORDS));
        } else {
            self.asm.spread_odd_words(self.width, T[0], T[0], None);
            self.asm.vector_immediate(self.width, VPBLENDD, (T[1], T[0], T[1]), ODD_WORDS_BLEND);
        }
        T[1]
    }

    /// Without a rotation of its own: shifts by more than 31 give zero, so a rotation by nothing is right too.
    fn rotate(&mut self, a: Vector, b: Vector, along: Opcode, against: Opcode) -> Vector {
        self.op(VPAND, T[1], b, constant(Constant::Word31));
        self.op(along, T[0], a, T[1]);
        self.asm.load(self.width, T[2], constant(Constant::Word32));
        self.op(VPSUBD, T[1], T[2], T[1]);
        self.op(against, T[1], a, T[1]);
        self.op(VPOR, T[0], T[0], T[1]);
        T[0]
    }

    fn leading_zeros(&mut self, a: Vector, b: Vector) -> Vector {
        for (target, word) in [(T[0], a), (T[1], b)] {
            if self.avx512() {
                self.asm.unary(self.width, VPLZCNTD, target, word);
            } else {
                self.leading_zeros_by_exponent(target, word);
            }
        }
        self.op(VPADDD, T[0], T[0], T[1]);
        T[0]
    }

    /// The exponent of the word as a floating-point number. Without the bit after the first one the number
    /// cannot be rounded up to the next power of two; a set sign makes the exponent so big that it
    /// saturates to no zeros, and 0, which has the exponent 0, is cut to 32.
    fn leading_zeros_by_exponent(&mut self, target: Vector, word: Vector) {
        self.shift(VPSRLD, target, word, 1);
        self.op(VPANDN, target, target, word);
        self.asm.unary(self.width, VCVTDQ2PS, target, target);
        self.shift(VPSRLD, target, target, 23);
        self.asm.load(self.width, T[2], constant(Constant::ExponentOf2To31));
        self.op(VPSUBUSW, target, T[2], target);
        self.op(VPMINSW, target, target, constant(Constant::Word32));
    }

    fn set_bits(&mut self, a: Vector, b: Vector) -> Vector {
        if self.set == (InstructionSet::Avx512 { count_bits: true }) {
            self.asm.unary(self.width, VPOPCNTD, T[0], a);
            self.asm.unary(self.width, VPOPCNTD, T[1], b);
            self.op(VPADDD, T[0], T[0], T[1]);
            return T[0];
        }
        self.asm.load(self.width, T[4], constant(Constant::NibbleMask));
        self.asm.load(self.width, T[5], constant(Constant::NibbleBits));
        for (target, word) in [(T[0], a), (T[1], b)] {
            self.op(VPAND, target, word, T[4]);
            self.shift(VPSRLD, T[2], word, 4);
            self.op(VPAND, T[2], T[2], T[4]);
            self.op(VPSHUFB, target, T[5], target);
            self.op(VPSHUFB, T[2], T[5], T[2]);
            self.op(VPADDB, target, target, T[2]);
        }
        // At most 16 in a byte; then bytes to halves and halves to words.
        self.op(VPADDB, T[0], T[0], T[1]);
        self.op(VPMADDUBSW, T[0], T[0], constant(Constant::OneInBytes));
        self.op(VPMADDWD, T[0], T[0], constant(Constant::OneInHalves));
        T[0]
    }

    /// The first word takes the item's groups of four words, one after the other in memory, apart into four
    /// vectors by place in the group; the later ones find them there.
    fn item_words(&mut self, word: u8) -> Vector {
        let [a, b, c, d, low, high, order] = T;
        let words = [b, d, low, high];
        if word == 0 {
            let bytes = self.set.lanes() * 4;
            for (part, row) in [a, b, c, d].into_iter().enumerate() {
                self.asm.load(self.width, row, Memory::at(ITEM, part * bytes));
            }
            self.op(VPUNPCKLDQ, low, a, b);
            self.op(VPUNPCKHDQ, a, a, b);
            self.op(VPUNPCKLDQ, high, c, d);
            self.op(VPUNPCKHDQ, c, c, d);
            self.op(VPUNPCKLQDQ, b, low, high);
            self.op(VPUNPCKHQDQ, d, low, high);
            self.op(VPUNPCKLQDQ, low, a, c);
            self.op(VPUNPCKHQDQ, high, a, c);
            self.asm.load(self.width, order, Memory::at(ORDER, 0));
        }
        let vector = words[usize::from(word)];
        self.op(VPERMD, vector, order, vector);
        vector
    }

    /// `word` is a temporary other than the third, which nothing outlives an instruction in.
    fn merge(&mut self, merge: Merge, target: u8, word: Vector) {
        let spare = T[2];
        let a = self.copy(target);
        match merge {
            Merge::MultiplyAdd => {
                self.op(VPADDD, word, word, a);
                self.shift(VPSLLD, a, a, 5);
                self.op(VPADDD, a, a, word);
            }
            Merge::XorMultiply => {
                self.op(VPXOR, a, a, word);
                self.shift(VPSLLD, word, a, 5);
                self.op(VPADDD, a, a, word);
            }
            Merge::RotateXor { left } if self.avx512() => {
                self.shift(VPROLD, a, a, left);
                self.op(VPXOR, a, a, word);
            }
            Merge::RotateXor { left } => {
                // The two parts share no bit, so that one can go by way of the word.
                self.shift(VPSRLD, spare, a, 32 - left);
                self.shift(VPSLLD, a, a, left);
                self.op(VPXOR, word, word, spare);
                self.op(VPXOR, a, a, word);
            }
        }
        self.asm.store(self.width, row_memory(target), a);
    }
}

fn slot_vector(slot: usize) -> Vector {
    Vector(TEMPORARIES + slot as u8)
}

fn row_memory(row: u8) -> Memory {
    Memory::at(MIX, usize::from(row) * ROW_BYTES)
}

fn constant(constant: Constant) -> Memory {
    Memory::at(CONSTANTS, constant as usize * CONSTANT_BYTES)
}
