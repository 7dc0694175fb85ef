//! Vector instructions in their three encodings: the old one, VEX and EVEX.

use super::ops::{Map, Prefix, VectorOp};
use super::{Assembler, Head, Memory, Rm, Vector, Width, high_bits};

impl Assembler<'_> {
    pub fn vzeroupper(&mut self) {
        let mut head = Head::new();
        head.push(0xc5);
        head.push(0xf8);
        head.push(0x77);
        self.head(&head);
    }

    /// An SSE instruction in its old, two-operand form.
    #[inline(always)]
    pub fn sse(&mut self, op: VectorOp, reg: Vector, rm: impl Into<Rm>) {
        let rm = rm.into();
        let mut head = Head::new();
        match op.prefix {
            Prefix::None => {}
            Prefix::P66 => head.push(0x66),
            Prefix::PF3 => head.push(0xf3),
            Prefix::PF2 => head.push(0xf2),
        }
        Self::rex(&mut head, op.wide, reg.0, rm);
        head.push(0x0f);
        match op.map {
            Map::M0F => {}
            Map::M0F38 => head.push(0x38),
            Map::M0F3A => head.push(0x3a),
        }
        head.push(op.opcode);
        self.operands(head, reg.0, rm, 1);
    }

    /// `reg = first op rm`.
    pub fn vex(&mut self, op: VectorOp, width: Width, reg: Vector, first: Vector, rm: impl Into<Rm>) {
        let rm = rm.into();
        let (x, b) = high_bits(rm);
        let not_r = (!reg.0 >> 3 & 1) << 7;
        let last = (!first.0 & 15) << 3 | (width as u8) << 2 | op.prefix as u8;
        let mut head = Head::new();
        if op.map == Map::M0F && !op.wide && x | b == 0 {
            head.push(0xc5);
            head.push(not_r | last);
        } else {
            head.push(0xc4);
            head.push(not_r | (1 - x) << 6 | (1 - b) << 5 | op.map as u8);
            head.push(u8::from(op.wide) << 7 | last);
        }
        head.push(op.opcode);
        self.operands(head, reg.0, rm, 1);
    }

    /// `reg = first op rm`.
    pub fn evex(&mut self, op: VectorOp, width: Width, reg: Vector, first: Vector, rm: impl Into<Rm>) {
        self.evex_masked(op, width, reg, first, rm, 0);
    }

    /// `reg = first op rm` in the elements that are set in mask register `mask`; 0 stands for all.
    pub fn evex_masked(
        &mut self,
        op: VectorOp,
        width: Width,
        reg: Vector,
        first: Vector,
        rm: impl Into<Rm>,
        mask: u8,
    ) {
        self.evex_general(op, (width as u8) << 5 | mask, [reg, first], rm.into(), 16 << width as u8);
    }

    /// `reg = first op [memory]`, the 8 bytes in memory standing for every element.
    pub fn evex_broadcast(&mut self, op: VectorOp, width: Width, reg: Vector, first: Vector, rm: Memory) {
        const BROADCAST: u8 = 0x10;
        self.evex_general(op, (width as u8) << 5 | BROADCAST, [reg, first], rm.into(), 8);
    }

    /// `reg = op [memory]` where the instruction itself reads 8 bytes.
    pub fn evex_scalar(&mut self, op: VectorOp, width: Width, reg: Vector, rm: Memory) {
        self.evex_general(op, (width as u8) << 5, [reg, Vector(0)], rm.into(), 8);
    }

    fn evex_general(&mut self, op: VectorOp, flags: u8, [reg, first]: [Vector; 2], rm: Rm, unit: i32) {
        let (x, b) = high_bits(rm);
        let not_r = (!reg.0 >> 3 & 1) << 7 | (!reg.0 >> 4 & 1) << 4;
        let mut head = Head::new();
        head.push(0x62);
        head.push(not_r | (1 - x) << 6 | (1 - b) << 5 | op.map as u8);
        head.push(u8::from(op.wide) << 7 | (!first.0 & 15) << 3 | 4 | op.prefix as u8);
        head.push(flags | (!first.0 >> 4 & 1) << 3);
        head.push(op.opcode);
        self.operands(head, reg.0, rm, unit);
    }
}
