//! What a script is made of. Places are byte ranges of the script's text.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

/// Commands one after the other.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub items: Vec<Item>,
}

/// One entry of a list: pipelines joined with `&&` and `||`.
#[derive(Debug)]
pub(super) struct Item {
    pub first: Pipeline,
    pub rest: Vec<(Link, Pipeline)>,
    /// Ends with `&`.
    pub background: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    And,
    Or,
}

#[derive(Debug)]
pub(super) struct Pipeline {
    pub negated: bool,
    pub commands: Vec<Command>,
}

#[derive(Debug)]
pub(super) struct Command {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
    pub at: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Kind {
    Simple(Simple),
    If {
        arms: Vec<(Block, Block)>,
        otherwise: Option<Block>,
    },
    For {
        name: String,
        /// `None` without `in`: over the arguments.
        words: Option<Vec<Word>>,
        body: Block,
    },
    CountingFor {
        init: Arith,
        test: Arith,
        step: Arith,
        body: Block,
    },
    Loop {
        until: bool,
        condition: Block,
        body: Block,
    },
    Case {
        word: Option<Word>,
        /// Each with whether it takes everything: `*)`.
        arms: Vec<(bool, Block)>,
    },
    Group(Block),
    Subshell(Block),
    Arith(Arith),
    /// `[[ … ]]`, operators as plain words.
    Test(Vec<Word>),
    Function {
        name: String,
        body: Rc<Command>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Simple {
    pub assignments: Vec<Assignment>,
    /// Without the operands that are assignments of `local`, `export` and their kin.
    pub words: Vec<Word>,
}

#[derive(Debug)]
pub(super) struct Assignment {
    pub name: String,
    pub append: bool,
    pub value: Assigned,
}

#[derive(Debug)]
pub(super) enum Assigned {
    Word(Word),
    Array(Vec<Word>),
    /// An element of an array, or what else is not followed.
    Other,
}

#[derive(Debug)]
pub(super) enum Redirect {
    /// `<<`; the body is read when its line ends.
    Heredoc(Rc<OnceCell<Heredoc>>),
    HereString(Word),
    Other(Option<Word>),
}

/// The body of a heredoc.
#[derive(Debug)]
pub(super) enum Heredoc {
    /// With a quoted delimiter: the text as it stands.
    Raw(Range<usize>),
    /// Expanded by the local shell.
    Expanded(Word),
}

#[derive(Debug)]
pub(super) struct Word {
    pub pieces: Vec<Piece>,
    pub at: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Piece {
    Text {
        text: String,
        at: Range<usize>,
        quoted: bool,
    },
    Variable(Variable),
    Command {
        body: Block,
        quoted: bool,
    },
    Arith(Arith),
}

#[derive(Debug)]
pub(super) struct Variable {
    pub name: String,
    pub quoted: bool,
    pub operation: Operation,
}

#[derive(Debug)]
pub(super) enum Operation {
    None,
    /// `-` and `:-`.
    Default(Word),
    /// `=` and `:=`.
    Assign(Word),
    /// `?` and `:?`.
    Required,
    /// `+` and `:+`.
    Alternative(Word),
    /// `[@]` and `[*]`.
    All,
    /// `%/*`: the folder of a path.
    Parent,
    /// Lengths, cut ends, substrings: not followed.
    Other,
}

/// An arithmetic expression.
#[derive(Debug)]
pub(super) enum Arith {
    Number(i64, Range<usize>),
    Name(String),
    Piece(Box<Piece>),
    Negate(Box<Arith>),
    Not(Box<Arith>),
    Binary(Operator, Box<Arith>, Box<Arith>),
    /// `X=…`, or with the operator of `X+=…`.
    Assign(String, Option<Operator>, Box<Arith>),
    /// `X++` and `++X`.
    Step {
        name: String,
        by: i64,
        before: bool,
    },
    List(Vec<Arith>),
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Or,
    /// Bits, powers, `?:`.
    Other,
}

impl Word {
    /// The word's text where it is plain: no expansion in it, quoted or not.
    pub fn plain(&self) -> Option<String> {
        let mut all = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text { text, .. } => all.push_str(text),
                _ => return None,
            }
        }
        Some(all)
    }

    /// The text of a word that is one unquoted run of characters, as operators and reserved words are.
    pub fn bare(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [
                Piece::Text {
                    text,
                    quoted: false,
                    ..
                },
            ] => Some(text),
            _ => None,
        }
    }
}
