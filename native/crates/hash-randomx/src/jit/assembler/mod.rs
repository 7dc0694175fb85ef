//! Writes x86-64 machine code into a buffer: just the instruction forms that the generators need. Encodings
//! are computed from an operation's opcode and its operands; nothing is patched as text.

mod operand;
pub mod ops;
mod vector;

use ops::{Map, Prefix, wide_op};

pub use operand::*;

/// An instruction that needs a distance which is not known yet, in its last byte or bytes.
#[must_use]
#[derive(Debug)]
pub struct ForwardJump {
    /// Where the distance is counted from,
    from: usize,
    /// and where the instruction ends.
    end: usize,
}

#[derive(Debug)]
pub struct Assembler<'a> {
    code: &'a mut [u8],
    position: usize,
}

/// An instruction's bytes up to and including its SIB byte: they never exceed eight.
struct Head {
    bytes: u64,
    length: u32,
}

impl Head {
    const fn new() -> Self {
        Self { bytes: 0, length: 0 }
    }

    #[inline(always)]
    const fn push(&mut self, byte: u8) {
        self.bytes |= (byte as u64) << (8 * self.length);
        self.length += 1;
    }

    #[inline(always)]
    const fn push_if(&mut self, condition: bool, byte: u8) {
        if condition {
            self.push(byte);
        }
    }
}

impl<'a> Assembler<'a> {
    /// Writes from `position` on. Every instruction needs 16 bytes of room, whatever its length.
    pub const fn new(code: &'a mut [u8], position: usize) -> Self {
        Self { code, position }
    }

    pub const fn position(&self) -> usize {
        self.position
    }

    #[inline(always)]
    fn head(&mut self, head: &Head) {
        self.code[self.position..][..8].copy_from_slice(&head.bytes.to_le_bytes());
        self.position += head.length as usize;
    }

    /// Writes the first `length` bytes of the words, at most 32.
    #[inline(always)]
    pub fn bytes(&mut self, words: [u64; 4], length: usize) {
        let room = &mut self.code[self.position..][..32];
        for (part, word) in room.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *part = word.to_le_bytes();
        }
        self.position += length;
    }

    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        self.code[self.position] = byte;
        self.position += 1;
    }

    #[inline(always)]
    fn word(&mut self, word: u32) {
        self.code[self.position..][..4].copy_from_slice(&word.to_le_bytes());
        self.position += 4;
    }

    /// ModRM, SIB and displacement. `unit` is what an EVEX instruction's short displacement counts in.
    #[inline(always)]
    fn operands(&mut self, mut head: Head, reg: u8, rm: Rm, unit: i32) {
        let reg = (reg & 7) << 3;
        match rm {
            Rm::Register(number) => {
                head.push(0xc0 | reg | number & 7);
                self.head(&head);
            }
            Rm::Memory(Memory { base, index, displacement, form }) => {
                // Without a displacement rbp and r13 would mean something else.
                let is_short = displacement % unit == 0 && i8::try_from(displacement / unit).is_ok();
                let mode = match displacement {
                    _ if form != Form::Shortest => 0x80,
                    0 if base.0 & 7 != 5 => 0x00,
                    _ if is_short => 0x40,
                    _ => 0x80,
                };
                // rsp and r12 as a base need a SIB byte, which then says "no index".
                if index.is_some() || form == Form::AnyBase || base.0 & 7 == 4 {
                    head.push(mode | reg | 4);
                    head.push((index.unwrap_or(RSP).0 & 7) << 3 | base.0 & 7);
                } else {
                    head.push(mode | reg | base.0 & 7);
                }
                self.head(&head);
                match mode {
                    0x40 => self.byte((displacement / unit) as u8),
                    0x80 => self.word(displacement as u32),
                    _ => {}
                }
            }
        }
    }

    /// REX prefix, left out where it says nothing.
    #[inline(always)]
    fn rex(head: &mut Head, wide: bool, reg: u8, rm: Rm) {
        let (x, b) = high_bits(rm);
        let rex = 0x40 | u8::from(wide) << 3 | (reg >> 3 & 1) << 2 | x << 1 | b;
        head.push_if(rex != 0x40, rex);
    }

    #[inline(always)]
    fn integer(&mut self, wide: bool, opcode: u8, reg: u8, rm: Rm) {
        let mut head = Head::new();
        Self::rex(&mut head, wide, reg, rm);
        head.push(opcode);
        self.operands(head, reg, rm, 1);
    }

    /// `dst = dst op src` on 64 bits.
    pub fn op(&mut self, op: IntOp, dst: Gpr, src: impl Into<Rm>) {
        self.integer(true, op as u8, dst.0, src.into());
    }

    /// The same on 32 bits, the high half becoming zero.
    pub fn op32(&mut self, op: IntOp, dst: Gpr, src: impl Into<Rm>) {
        self.integer(false, op as u8, dst.0, src.into());
    }

    pub fn store(&mut self, memory: Memory, src: Gpr) {
        self.integer(true, 0x89, src.0, memory.into());
    }

    pub fn store32(&mut self, memory: Memory, src: Gpr) {
        self.integer(false, 0x89, src.0, memory.into());
    }

    /// `dst = base + (index << shift) + displacement`.
    pub fn lea_scaled(&mut self, dst: Gpr, base: Gpr, index: Gpr, shift: u32, displacement: i32) {
        let mut head = Head::new();
        let rm = indexed(base, index).into();
        Self::rex(&mut head, true, dst.0, rm);
        head.push(IntOp::Lea as u8);
        let has_displacement = displacement != 0 || base.0 & 7 == 5;
        head.push(if has_displacement { 0x84 } else { 0x04 } | (dst.0 & 7) << 3);
        head.push((shift as u8) << 6 | (index.0 & 7) << 3 | base.0 & 7);
        self.head(&head);
        if has_displacement {
            self.word(displacement as u32);
        }
    }

    pub fn immediate(&mut self, op: ImmOp, dst: impl Into<Rm>, immediate: u32) {
        self.integer(true, 0x81, op as u8, dst.into());
        self.word(immediate);
    }

    pub fn immediate32(&mut self, op: ImmOp, dst: impl Into<Rm>, immediate: u32) {
        self.integer(false, 0x81, op as u8, dst.into());
        self.word(immediate);
    }

    /// The sign-extended byte form.
    pub fn immediate8(&mut self, op: ImmOp, dst: impl Into<Rm>, immediate: i8) {
        self.integer(true, 0x83, op as u8, dst.into());
        self.byte(immediate as u8);
    }

    pub fn immediate8_32(&mut self, op: ImmOp, dst: impl Into<Rm>, immediate: i8) {
        self.integer(false, 0x83, op as u8, dst.into());
        self.byte(immediate as u8);
    }

    pub fn test_immediate32(&mut self, register: Gpr, immediate: u32) {
        self.integer(false, 0xf7, 0, register.into());
        self.word(immediate);
    }

    pub fn move_immediate64(&mut self, dst: Gpr, immediate: u64) {
        let mut head = Head::new();
        head.push(0x48 | dst.0 >> 3);
        head.push(0xb8 | dst.0 & 7);
        self.head(&head);
        self.word(immediate as u32);
        self.word((immediate >> 32) as u32);
    }

    /// The short form that only this register has.
    pub fn and_eax(&mut self, immediate: u32) {
        self.byte(0x25);
        self.word(immediate);
    }

    pub fn shift(&mut self, op: ShiftOp, dst: Gpr, count: u8) {
        self.integer(true, 0xc1, op as u8, dst.into());
        self.byte(count);
    }

    /// Shifts or rotates by the low bits of rcx.
    pub fn shift_by_cl(&mut self, op: ShiftOp, dst: Gpr) {
        self.integer(true, 0xd3, op as u8, dst.into());
    }

    pub fn unary(&mut self, op: UnaryOp, operand: impl Into<Rm>) {
        self.integer(true, 0xf7, op as u8, operand.into());
    }

    /// The low 64 bits of `dst * src`.
    pub fn multiply(&mut self, dst: Gpr, src: impl Into<Rm>) {
        let src = src.into();
        let mut head = Head::new();
        Self::rex(&mut head, true, dst.0, src);
        head.push(0x0f);
        head.push(0xaf);
        self.operands(head, dst.0, src, 1);
    }

    /// `dst = dst * immediate`.
    pub fn multiply_immediate(&mut self, dst: Gpr, immediate: u32) {
        self.integer(true, 0x69, dst.0, dst.into());
        self.word(immediate);
    }

    /// `high:low = rdx * src` without touching the flags (BMI2).
    pub fn mulx(&mut self, high: Gpr, low: Gpr, src: impl Into<Rm>) {
        let op = wide_op(Prefix::PF2, Map::M0F38, 0xf6);
        self.vex(op, Width::W128, Vector(high.0), Vector(low.0), src);
    }

    /// `dst = src >>> count` (BMI2).
    pub fn rorx(&mut self, dst: Gpr, src: Gpr, count: u8) {
        let op = wide_op(Prefix::PF2, Map::M0F3A, 0xf0);
        self.vex(op, Width::W128, Vector(dst.0), Vector(0), src);
        self.byte(count);
    }

    pub fn prefetch(&mut self, hint: Hint, memory: Memory) {
        let mut head = Head::new();
        Self::rex(&mut head, false, 0, memory.into());
        head.push(0x0f);
        head.push(0x18);
        self.operands(head, hint as u8, memory.into(), 1);
    }

    pub fn load_mxcsr(&mut self, memory: Memory) {
        self.mxcsr(2, memory);
    }

    pub fn store_mxcsr(&mut self, memory: Memory) {
        self.mxcsr(3, memory);
    }

    fn mxcsr(&mut self, number: u8, memory: Memory) {
        let mut head = Head::new();
        Self::rex(&mut head, false, 0, memory.into());
        head.push(0x0f);
        head.push(0xae);
        self.operands(head, number, memory.into(), 1);
    }

    pub fn push(&mut self, register: Gpr) {
        let mut head = Head::new();
        head.push_if(register.0 >> 3 != 0, 0x41);
        head.push(0x50 | register.0 & 7);
        self.head(&head);
    }

    pub fn pop(&mut self, register: Gpr) {
        let mut head = Head::new();
        head.push_if(register.0 >> 3 != 0, 0x41);
        head.push(0x58 | register.0 & 7);
        self.head(&head);
    }

    pub fn ret(&mut self) {
        self.byte(0xc3);
    }

    pub fn call(&mut self, target: impl Into<Rm>) {
        self.integer(false, 0xff, 2, target.into());
    }

    /// Jumps to code that is elsewhere in the buffer.
    pub fn jump(&mut self, target: usize) {
        self.byte(0xe9);
        let distance = target as i64 - (self.position + 4) as i64;
        self.word(distance as u32);
    }

    /// Calls what comes where [`Self::land_far`] is called.
    pub fn call_ahead(&mut self) -> ForwardJump {
        self.byte(0xe8);
        self.word(0);
        self.distance_end()
    }

    pub fn lfence(&mut self) {
        let mut head = Head::new();
        head.push(0x0f);
        head.push(0xae);
        head.push(0xe8);
        self.head(&head);
    }

    /// Calls code that was written before.
    pub fn call_back(&mut self, target: usize) {
        self.byte(0xe8);
        let distance = target as i64 - (self.position + 4) as i64;
        self.word(distance as u32);
    }

    /// Jumps to code that was written before, in the encoding that reaches anywhere.
    pub fn jump_back_if(&mut self, condition: Condition, target: usize) {
        let mut head = Head::new();
        head.push(0x0f);
        head.push(0x80 | condition as u8);
        self.head(&head);
        let distance = target as i64 - (self.position + 4) as i64;
        self.word(distance as u32);
    }

    /// Jumps less than 128 bytes ahead, to where [`Self::land`] is called.
    pub fn jump_ahead_if(&mut self, condition: Condition) -> ForwardJump {
        self.byte(0x70 | condition as u8);
        self.byte(0);
        self.distance_end()
    }

    /// Adds to the register how far it is from `from` to where [`Self::land`] is called.
    pub fn add_distance(&mut self, register: Gpr, from: usize) -> ForwardJump {
        self.immediate8(ImmOp::Add, register, 0);
        ForwardJump { from, end: self.position }
    }

    const fn distance_end(&self) -> ForwardJump {
        ForwardJump { from: self.position, end: self.position }
    }

    pub fn land(&mut self, jump: &ForwardJump) {
        let distance = self.position - jump.from;
        assert!(distance < 128, "short jumps are short");
        self.code[jump.end - 1] = distance as u8;
    }

    /// Jumps ahead to where [`Self::land_far`] is called.
    pub fn jump_far_ahead_if(&mut self, condition: Condition) -> ForwardJump {
        self.byte(0x0f);
        self.byte(0x80 | condition as u8);
        self.word(0);
        self.distance_end()
    }

    pub fn land_far(&mut self, jump: &ForwardJump) {
        let distance = (self.position - jump.from) as u32;
        self.code[jump.end - 4..jump.end].copy_from_slice(&distance.to_le_bytes());
    }

    /// Does nothing for `count` bytes.
    pub fn nops(&mut self, mut count: usize) {
        const NOPS: [u64; 9] = [
            0,
            0x90,
            0x9066,
            0x0000_1f0f,
            0x0040_1f0f,
            0x0000_0044_1f0f,
            0x0000_441f_0f66,
            0x0080_1f0f,
            0x0000_0000_0084_1f0f,
        ];
        while count > 0 {
            let length = count.min(NOPS.len() - 1);
            self.head(&Head { bytes: NOPS[length], length: length as u32 });
            count -= length;
        }
    }

    pub fn align(&mut self, alignment: usize) {
        self.nops(self.position.wrapping_neg() % alignment);
    }

    /// Makes sure that the next `length` bytes neither cross nor end at a boundary of 32 bytes.
    pub fn keep_within_32(&mut self, length: usize) {
        if self.position % 32 + length >= 32 {
            self.align(32);
        }
    }
}

#[cfg(test)]
mod tests;
