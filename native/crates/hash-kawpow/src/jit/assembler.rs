//! Encodes the x86-64 instructions that programs are made of: vector instructions of three operands with VEX
//! or EVEX prefixes as the registers ask for, and a handful of general ones. Knows nothing of programs.

/// A general register by its number in instructions. Those that could not be a base in the plain way (4, 5, 12
/// and 13) and those that a function has to preserve are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum General {
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rsi = 6,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
}

/// A vector register, 0 to 31; those from 16 need AVX-512.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vector(pub u8);

/// A write mask, 1 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask(pub u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    Bits128 = 0,
    Bits256 = 1,
    Bits512 = 2,
}

impl Width {
    const fn bytes(self) -> usize {
        16 << self as u8
    }
}

/// `base + offset`, or `base + 4 * index + offset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub base: General,
    pub index: Option<General>,
    pub offset: i32,
}

impl Memory {
    pub const fn at(base: General, offset: usize) -> Self {
        Self { base, index: None, offset: offset as i32 }
    }

    /// A word of a table.
    pub const fn word(base: General, index: General) -> Self {
        Self { base, index: Some(index), offset: 0 }
    }
}

/// The last source of an instruction: a register of either kind by its number, or memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    Register(u8),
    Memory(Memory),
}

impl From<Vector> for Operand {
    fn from(vector: Vector) -> Self {
        Self::Register(vector.0)
    }
}

impl From<General> for Operand {
    fn from(general: General) -> Self {
        Self::Register(general as u8)
    }
}

impl From<Memory> for Operand {
    fn from(memory: Memory) -> Self {
        Self::Memory(memory)
    }
}

/// A vector instruction as its prefixes describe it.
#[derive(Clone, Copy, Debug)]
pub struct Opcode {
    map: Map,
    prefix: Prefix,
    byte: u8,
    /// The W bit of the EVEX form.
    wide: bool,
    /// There is no VEX form.
    evex_only: bool,
}

/// Opcode maps and mandatory prefixes by their numbers in VEX and EVEX.
#[derive(Clone, Copy, Debug)]
enum Map {
    M0f = 1,
    M0f38 = 2,
    M0f3a = 3,
}

#[derive(Clone, Copy, Debug)]
enum Prefix {
    None = 0,
    P66 = 1,
    Pf3 = 2,
}

const fn both(map: Map, byte: u8) -> Opcode {
    Opcode { map, prefix: Prefix::P66, byte, wide: false, evex_only: false }
}

const fn wide(opcode: Opcode) -> Opcode {
    Opcode { wide: true, ..opcode }
}

const fn evex(opcode: Opcode) -> Opcode {
    Opcode { evex_only: true, ..opcode }
}

pub const VPADDB: Opcode = both(Map::M0f, 0xfc);
pub const VPADDD: Opcode = both(Map::M0f, 0xfe);
pub const VPSUBD: Opcode = both(Map::M0f, 0xfa);
pub const VPSUBUSW: Opcode = both(Map::M0f, 0xd9);
pub const VPMINSW: Opcode = both(Map::M0f, 0xea);
pub const VPMADDWD: Opcode = both(Map::M0f, 0xf5);
pub const VPMULUDQ: Opcode = wide(both(Map::M0f, 0xf4));
pub const VPAND: Opcode = both(Map::M0f, 0xdb);
pub const VPANDN: Opcode = both(Map::M0f, 0xdf);
pub const VPOR: Opcode = both(Map::M0f, 0xeb);
pub const VPXOR: Opcode = both(Map::M0f, 0xef);
pub const VPUNPCKLDQ: Opcode = both(Map::M0f, 0x62);
pub const VPUNPCKHDQ: Opcode = both(Map::M0f, 0x6a);
pub const VPUNPCKLQDQ: Opcode = wide(both(Map::M0f, 0x6c));
pub const VPUNPCKHQDQ: Opcode = wide(both(Map::M0f, 0x6d));
pub const VPSHUFB: Opcode = both(Map::M0f38, 0x00);
pub const VPMADDUBSW: Opcode = both(Map::M0f38, 0x04);
pub const VPERMD: Opcode = both(Map::M0f38, 0x36);
pub const VPMINUD: Opcode = both(Map::M0f38, 0x3b);
pub const VPMULLD: Opcode = both(Map::M0f38, 0x40);
pub const VPSRLVD: Opcode = both(Map::M0f38, 0x45);
pub const VPSLLVD: Opcode = both(Map::M0f38, 0x47);
pub const VPRORVD: Opcode = evex(both(Map::M0f38, 0x14));
pub const VPROLVD: Opcode = evex(both(Map::M0f38, 0x15));

/// Without a first source.
pub const VPLZCNTD: Opcode = evex(both(Map::M0f38, 0x44));
pub const VPOPCNTD: Opcode = evex(both(Map::M0f38, 0x55));
pub const VCVTDQ2PS: Opcode = Opcode { prefix: Prefix::None, ..both(Map::M0f, 0x5b) };
const VMOVDQU_LOAD: Opcode = Opcode { prefix: Prefix::Pf3, ..both(Map::M0f, 0x6f) };
const VMOVDQU_STORE: Opcode = Opcode { prefix: Prefix::Pf3, ..both(Map::M0f, 0x7f) };

/// With an immediate byte.
pub const VPBLENDD: Opcode = both(Map::M0f3a, 0x02);
pub const VINSERTI128: Opcode = both(Map::M0f3a, 0x38);
pub const VINSERTI64X4: Opcode = evex(wide(both(Map::M0f3a, 0x3a)));
const VPSHUFD: Opcode = both(Map::M0f, 0x70);
const VMOVD: Opcode = both(Map::M0f, 0x6e);
const VPINSRD: Opcode = both(Map::M0f3a, 0x22);

/// A shift or rotation by a constant: the register field says which.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    opcode: Opcode,
    digit: u8,
}

pub const VPSRLD: Shift = Shift { opcode: both(Map::M0f, 0x72), digit: 2 };
pub const VPSLLD: Shift = Shift { opcode: both(Map::M0f, 0x72), digit: 6 };
pub const VPROLD: Shift = Shift { opcode: evex(both(Map::M0f, 0x72)), digit: 1 };

/// Fields of an instruction that its prefix and ModRM byte share.
#[derive(Clone, Copy)]
struct Fields {
    reg: u8,
    /// The first source, 0 where there is none.
    source: u8,
    rm: Operand,
    mask: u8,
}

#[derive(Debug, Default)]
pub struct Assembler {
    code: Vec<u8>,
}

impl Assembler {
    pub fn finish(self) -> Vec<u8> {
        self.code
    }

    /// `target = a OP b`
    pub fn vector(&mut self, width: Width, opcode: Opcode, target: Vector, a: Vector, b: impl Into<Operand>) {
        self.encode(width, opcode, Fields { reg: target.0, source: a.0, rm: b.into(), mask: 0 });
    }

    /// `target = a OP b` with an immediate byte.
    pub fn vector_immediate(
        &mut self,
        width: Width,
        opcode: Opcode,
        (target, a, b): (Vector, Vector, Vector),
        immediate: u8,
    ) {
        self.vector(width, opcode, target, a, b);
        self.code.push(immediate);
    }

    /// `target = OP source`
    pub fn unary(&mut self, width: Width, opcode: Opcode, target: Vector, source: impl Into<Operand>) {
        self.encode(width, opcode, Fields { reg: target.0, source: 0, rm: source.into(), mask: 0 });
    }

    pub fn shift(&mut self, width: Width, shift: Shift, target: Vector, source: Vector, count: u8) {
        let fields = Fields { reg: shift.digit, source: target.0, rm: source.into(), mask: 0 };
        self.encode(width, shift.opcode, fields);
        self.code.push(count);
    }

    /// Puts the odd words of `source` into the even places too; with a mask, only where it has a bit.
    pub fn spread_odd_words(&mut self, width: Width, target: Vector, source: Vector, mask: Option<Mask>) {
        let mask = mask.map_or(0, |mask| mask.0);
        self.encode(width, VPSHUFD, Fields { reg: target.0, source: 0, rm: source.into(), mask });
        self.code.push(0b11_11_01_01);
    }

    /// Loads a vector from any address.
    pub fn load(&mut self, width: Width, target: Vector, memory: Memory) {
        self.unary(width, VMOVDQU_LOAD, target, memory);
    }

    pub fn store(&mut self, width: Width, memory: Memory, source: Vector) {
        self.unary(width, VMOVDQU_STORE, source, memory);
    }

    /// Loads a word into the first place and clears the others. The register is below 16, as it is in the
    /// next one: they have no use for the longer form.
    pub fn load_word(&mut self, target: Vector, memory: Memory) {
        self.unary(Width::Bits128, VMOVD, target, memory);
    }

    /// Loads a word into one of the four places of the register.
    pub fn insert_word(&mut self, target: Vector, memory: Memory, place: u8) {
        self.vector(Width::Bits128, VPINSRD, target, target, memory);
        self.code.push(place);
    }

    fn encode(&mut self, width: Width, opcode: Opcode, fields: Fields) {
        let high = |operand: Operand| matches!(operand, Operand::Register(16..));
        if opcode.evex_only
            || width == Width::Bits512
            || fields.mask != 0
            || fields.reg >= 16
            || fields.source >= 16
            || high(fields.rm)
        {
            self.evex(width, opcode, fields);
            self.modrm(fields.reg, fields.rm, width.bytes());
        } else {
            self.vex(width, opcode, fields.reg, fields.source, fields.rm);
            self.modrm(fields.reg, fields.rm, 1);
        }
    }

    fn vex(&mut self, width: Width, opcode: Opcode, reg: u8, source: u8, rm: Operand) {
        let (index, base) = extensions(rm);
        let last = (!source & 15) << 3 | (width as u8) << 2 | opcode.prefix as u8;
        if index || base || !matches!(opcode.map, Map::M0f) {
            let first = u8::from(reg < 8) << 7 | u8::from(!index) << 6 | u8::from(!base) << 5;
            self.code.extend([0xc4, first | opcode.map as u8, last, opcode.byte]);
        } else {
            self.code.extend([0xc5, u8::from(reg < 8) << 7 | last, opcode.byte]);
        }
    }

    fn evex(&mut self, width: Width, opcode: Opcode, fields: Fields) {
        let Fields { reg, source, rm, mask } = fields;
        let (index, base) = extensions(rm);
        let first = u8::from(reg & 8 == 0) << 7
            | u8::from(!index) << 6
            | u8::from(!base) << 5
            | u8::from(reg < 16) << 4
            | opcode.map as u8;
        let second = u8::from(opcode.wide) << 7 | (!source & 15) << 3 | 1 << 2 | opcode.prefix as u8;
        let third = (width as u8) << 5 | u8::from(source < 16) << 3 | mask;
        self.code.extend([0x62, first, second, third, opcode.byte]);
    }

    /// Short offsets count in units of `scale`, which is the size of the operand in EVEX instructions.
    fn modrm(&mut self, reg: u8, rm: Operand, scale: usize) {
        let reg = (reg & 7) << 3;
        let Memory { base, index, offset } = match rm {
            Operand::Register(register) => return self.code.push(0xc0 | reg | register & 7),
            Operand::Memory(memory) => memory,
        };
        let scale = scale as i32;
        let short = i8::try_from(offset / scale).ok().filter(|_| offset % scale == 0);
        let mode = match short {
            Some(0) => 0x00,
            Some(_) => 0x40,
            None => 0x80,
        };
        let base = base as u8 & 7;
        if let Some(index) = index {
            // With a second byte for the index, times 4.
            self.code.extend([mode | reg | 4, 2 << 6 | (index as u8 & 7) << 3 | base]);
        } else {
            self.code.push(mode | reg | base);
        }
        match short {
            Some(0) => {}
            Some(short) => self.code.push(short as u8),
            None => self.code.extend(offset.to_le_bytes()),
        }
    }

    /// `target = 64 bits of memory`
    pub fn load_general(&mut self, target: General, memory: Memory) {
        let (_, base) = extensions(memory.into());
        self.code.extend([0x48 | u8::from(target as u8 >= 8) << 2 | u8::from(base), 0x8b]);
        self.modrm(target as u8, memory.into(), 1);
    }

    /// `target &= source`, 64 bits.
    pub fn and(&mut self, target: General, source: General) {
        self.general(true, 0x21, source as u8, target);
    }

    /// `target = source`, low 32 bits; the upper ones become zero.
    pub fn move_low(&mut self, target: General, source: General) {
        self.general(false, 0x89, source as u8, target);
    }

    /// `target >>= count`, 64 bits.
    pub fn shift_right(&mut self, target: General, count: u8) {
        self.general(true, 0xc1, 5, target);
        self.code.push(count);
    }

    pub fn set(&mut self, target: General, value: u64) {
        self.code.extend([0x48 | u8::from(target as u8 >= 8), 0xb8 | target as u8 & 7]);
        self.code.extend(value.to_le_bytes());
    }

    /// `target = low 16 bits of source`
    pub fn set_mask(&mut self, target: Mask, source: General) {
        let opcode = Opcode { prefix: Prefix::None, ..both(Map::M0f, 0x92) };
        self.vex(Width::Bits128, opcode, target.0, 0, source.into());
        self.modrm(target.0, source.into(), 1);
    }

    fn general(&mut self, wide: bool, opcode: u8, reg: u8, rm: General) {
        let rex = 0x40 | u8::from(wide) << 3 | u8::from(reg >= 8) << 2 | u8::from(rm as u8 >= 8);
        if rex != 0x40 {
            self.code.push(rex);
        }
        self.code.push(opcode);
        self.modrm(reg, rm.into(), 1);
    }

    /// Back to the caller, with the upper halves of the vectors cleared for its older vector code.
    pub fn leave(&mut self) {
        self.code.extend([0xc5, 0xf8, 0x77, 0xc3]);
    }
}

/// Upper bits of the index and of the base, or of the vector in their place.
fn extensions(rm: Operand) -> (bool, bool) {
    match rm {
        Operand::Register(register) => (register & 16 != 0, register & 8 != 0),
        Operand::Memory(Memory { base, index, .. }) => {
            (index.is_some_and(|index| index as u8 >= 8), base as u8 >= 8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::General::{R8, R9, R10, Rax, Rcx, Rdi, Rdx};
    use super::Width::{Bits128, Bits256, Bits512};
    use super::*;

    fn encoded(emit: impl FnOnce(&mut Assembler)) -> String {
        let mut assembler = Assembler::default();
        emit(&mut assembler);
        assembler.finish().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A function from a list of register numbers, so that a case fits a line.
    fn v(numbers: [u8; 3]) -> (Vector, Vector, Vector) {
        let [target, a, b] = numbers.map(Vector);
        (target, a, b)
    }

    /// Three operands in registers.
    fn registers(width: Width, opcode: Opcode, numbers: [u8; 3]) -> String {
        let (target, a, b) = v(numbers);
        encoded(|asm| asm.vector(width, opcode, target, a, b))
    }

    /// The third operand at an offset.
    fn offset(width: Width, opcode: Opcode, base: General, at: usize) -> String {
        encoded(|asm| asm.vector(width, opcode, Vector(5), Vector(4), Memory::at(base, at)))
    }

    // The expected bytes are GNU as's.

    #[test]
    fn vector_registers_choose_the_prefix() {
        assert_eq!(registers(Bits256, VPADDD, [1, 2, 3]), "c5edfecb");
        assert_eq!(registers(Bits256, VPADDD, [9, 2, 11]), "c4416dfecb");
        assert_eq!(registers(Bits512, VPADDD, [1, 2, 3]), "62f16d48fecb");
        assert_eq!(registers(Bits512, VPADDD, [9, 17, 31]), "62117540fecf");
        assert_eq!(registers(Bits512, VPMULUDQ, [1, 2, 3]), "62f1ed48f4cb");
        assert_eq!(registers(Bits512, VPERMD, [5, 6, 4]), "62f24d4836ec");
        assert_eq!(encoded(|asm| asm.unary(Bits512, VPOPCNTD, Vector(0), Vector(30))), "62927d4855c6");
        assert_eq!(encoded(|asm| asm.unary(Bits256, VCVTDQ2PS, Vector(1), Vector(1))), "c5fc5bc9");
    }

    #[test]
    fn offsets_are_as_short_as_they_can_be() {
        assert_eq!(offset(Bits256, VPAND, R8, 8), "c4c15ddb6808");
        assert_eq!(offset(Bits256, VPAND, R8, 0x1c0), "c4c15ddba8c0010000");
        assert_eq!(offset(Bits512, VPAND, R8, 33), "62d15d48dba821000000");
        assert_eq!(offset(Bits512, VPMULLD, Rdi, 64), "62f25d48406f01");
        assert_eq!(offset(Bits512, VPMULLD, Rdi, 0), "62f25d48402f");
        assert_eq!(
            encoded(|asm| asm.store(Bits512, Memory::at(Rdi, 0x2000), Vector(25))),
            "62617e487f8f00200000"
        );
        assert_eq!(encoded(|asm| asm.load(Bits512, Vector(12), Memory::at(Rdi, 0x7c0))), "62717e486f671f");
        assert_eq!(encoded(|asm| asm.load(Bits256, Vector(12), Memory::at(Rdi, 0x7c0))), "c57e6fa7c0070000");
        assert_eq!(encoded(|asm| asm.store(Bits256, Memory::at(Rdi, 0), Vector(7))), "c5fe7f3f");
    }

    #[test]
    fn words_are_loaded_by_index() {
        assert_eq!(encoded(|asm| asm.load_word(Vector(3), Memory::word(Rdx, R9))), "c4a1796e1c8a");
        assert_eq!(encoded(|asm| asm.insert_word(Vector(2), Memory::word(Rdx, Rax), 3)), "c4e36922148203");
    }

    #[test]
    fn immediates_come_last() {
        let blend = |asm: &mut Assembler| asm.vector_immediate(Bits256, VPBLENDD, v([1, 0, 1]), 0xaa);
        assert_eq!(encoded(blend), "c4e37d02c9aa");
        let insert = |asm: &mut Assembler| asm.vector_immediate(Bits256, VINSERTI128, v([2, 2, 3]), 1);
        assert_eq!(encoded(insert), "c4e36d38d301");
        let insert = |asm: &mut Assembler| asm.vector_immediate(Bits512, VINSERTI64X4, v([0, 0, 2]), 1);
        assert_eq!(encoded(insert), "62f3fd483ac201");
        assert_eq!(encoded(|asm| asm.shift(Bits512, VPROLD, Vector(21), Vector(20), 7)), "62b1554072cc07");
        assert_eq!(encoded(|asm| asm.shift(Bits256, VPSLLD, Vector(10), Vector(9), 5)), "c4c12d72f105");
        assert_eq!(encoded(|asm| asm.shift(Bits512, VPSRLD, Vector(10), Vector(9), 27)), "62d12d4872d11b");
        let spread = |mask| encoded(|asm| asm.spread_odd_words(Bits512, Vector(1), Vector(0), mask));
        assert_eq!(spread(Some(Mask(1))), "62f17d4970c8f5");
        assert_eq!(encoded(|asm| asm.spread_odd_words(Bits256, Vector(1), Vector(0), None)), "c5fd70c8f5");
        assert_eq!(registers(Bits128, VPXOR, [1, 2, 3]), "c5e9efcb");
    }

    #[test]
    fn general_instructions() {
        assert_eq!(encoded(|asm| asm.load_general(Rax, Memory::at(Rdi, 0x7f8))), "488b87f8070000");
        assert_eq!(encoded(|asm| asm.load_general(R9, Memory::at(R8, 8))), "4d8b4808");
        assert_eq!(encoded(|asm| asm.and(Rax, R10)), "4c21d0");
        assert_eq!(encoded(|asm| asm.move_low(R9, Rax)), "4189c1");
        assert_eq!(encoded(|asm| asm.move_low(Rcx, Rax)), "89c1");
        assert_eq!(encoded(|asm| asm.shift_right(Rax, 32)), "48c1e820");
        assert_eq!(encoded(|asm| asm.set(R10, 0xfff_0000_0fff)), "49baff0f0000ff0f0000");
        assert_eq!(encoded(|asm| asm.set_mask(Mask(1), Rax)), "c5f892c8");
        assert_eq!(encoded(Assembler::leave), "c5f877c3");
    }
}
