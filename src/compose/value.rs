//! A compose file's content: YAML with aliases and merge keys followed and variables filled in, each part with its place.

use crate::source::{FileId, Span};
use crate::yaml::{NodeId, Style};
use indexmap::IndexMap;

/// A node of one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeRef {
    /// The file.
    pub file: FileId,
    /// The node in that file's tree.
    pub node: NodeId,
}

/// How a value came to where it is, when it is not simply written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// `*name`: the alias node.
    Alias(NodeRef),
    /// `<<`: the mapping that holds the merge key.
    MergeKey(NodeRef),
    /// `extends`: the place of the word.
    Extends(Span),
}

/// How a value meets the one of the files before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// By the rules of its key.
    #[default]
    Merge,
    /// `!override`: it replaces what was there.
    Override,
    /// `!reset`: what was there is dropped, and so is this.
    Reset,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it is written: the anchor's place, if it came through an alias.
    pub node: NodeRef,
    /// The bytes of `node`.
    pub span: Span,
    /// From the outermost to the innermost.
    pub through: Vec<Through>,
    /// `!reset` and `!override`.
    pub combine: Combine,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Data {
    /// Nothing, written or not.
    Null,
    /// A text, not yet resolved.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Value>),
    /// A map.
    Mapping(Mapping),
}

/// A text and what it was made from.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text, variables filled in.
    pub text: String,
    /// How it is written; `Plain` may mean a number.
    pub style: Style,
    /// What it was made from, where variables had a part in it; else empty.
    pub pieces: Vec<Piece>,
    /// Whether variables had a part in it: then it is a text to Docker, even where it looks like a number.
    pub interpolated: bool,
    /// Variables that have no value here. The text is not to be trusted then.
    pub unknown: Vec<String>,
}

/// A part of an interpolated text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The part.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// Whether the bytes of `span` are just this text.
    pub verbatim: bool,
    /// What gave it.
    pub from: From,
}

/// What gave a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// It stands there.
    Literal,
    /// The default in `${NAME:-default}`.
    Default(String),
    /// The value of this variable, in an env file or a workflow.
    Variable(String),
}

/// A map: its fields in the order of their first writing.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// By key.
    pub fields: IndexMap<String, Field>,
    /// The YAML mappings that it was merged from, in the order of the files, with how each came here.
    pub written: Vec<(NodeRef, Vec<Through>)>,
}

/// A key's place and its value.
#[derive(Clone, Debug)]
pub struct Field {
    /// The key's bytes, in the last file that wrote it.
    pub key: Span,
    /// The value.
    pub value: Value,
}

impl Piece {
    /// Whether a variable gave it.
    pub(super) fn is_given(&self) -> bool {
        matches!(self.from, From::Variable(_))
    }
}

impl Scalar {
    /// The text with the values of variables as `${NAME}`.
    pub fn written(&self) -> String {
        if self.pieces.is_empty() {
            return self.text.clone();
        }
        let parts = self.pieces.iter().map(|piece| match &piece.from {
            From::Variable(name) => format!("${{{name}}}"),
            From::Literal | From::Default(_) => piece.text.clone(),
        });
        parts.collect()
    }

    /// A text that nobody wrote.
    pub(super) fn made(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            style: Style::DoubleQuoted,
            pieces: Vec::new(),
            interpolated: false,
            unknown: Vec::new(),
        }
    }
}

impl Value {
    /// Nothing, at the place of another value.
    pub(super) fn null(place: &Self) -> Self {
        Self {
            data: Data::Null,
            node: place.node,
            span: place.span,
            through: place.through.clone(),
            combine: Combine::Merge,
        }
    }

    /// Something else at this place.
    pub(super) fn made(&self, data: Data) -> Self {
        Self {
            data,
            ..Self::null(self)
        }
    }

    /// A text at this place that nobody wrote.
    pub(super) fn made_text(&self, text: impl Into<String>) -> Self {
        self.made(Data::Scalar(Scalar::made(text)))
    }

    /// A number or a switch at this place that nobody wrote.
    pub(super) fn made_plain(&self, text: impl Into<String>) -> Self {
        let mut scalar = Scalar::made(text);
        scalar.style = Style::Plain;
        self.made(Data::Scalar(scalar))
    }

    /// A map at this place that nobody wrote.
    pub(super) fn made_map(&self, fields: impl IntoIterator<Item = (String, Self)>) -> Self {
        let fields = fields
            .into_iter()
            .map(|(key, value)| (key, self.made_field(value)));
        self.made(Data::Mapping(Mapping {
            fields: fields.collect(),
            written: Vec::new(),
        }))
    }

    /// A field whose key stands at this place.
    pub(super) fn made_field(&self, value: Self) -> Field {
        Field {
            key: self.span,
            value,
        }
    }

    /// The service of this name, taken out of a document.
    pub(super) fn into_service(mut self, name: &str) -> Option<Self> {
        let service = self.get_mut("services")?.get_mut(name)?;
        let place = Self::null(service);
        Some(std::mem::replace(service, place))
    }

    /// Whether it is nothing.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The field of a mapping, to change it.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        Some(&mut self.mapping_mut()?.fields.get_mut(key)?.value)
    }

    /// The mapping, to change it.
    pub(super) fn mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.data {
            Data::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, to change them; none if it is no list.
    pub(super) fn items_mut(&mut self) -> &mut [Value] {
        match &mut self.data {
            Data::Sequence(items) => items,
            _ => &mut [],
        }
    }

    /// The field of a mapping.
    pub fn get(&self, key: &str) -> Option<&Value> {
        Some(&self.mapping()?.fields.get(key)?.value)
    }

    /// The mapping, if it is one.
    pub fn mapping(&self) -> Option<&Mapping> {
        match &self.data {
            Data::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> &[Value] {
        match &self.data {
            Data::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.data {
            Data::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar all of whose variables are known.
    pub fn text(&self) -> Option<&str> {
        let scalar = self.scalar()?;
        scalar.unknown.is_empty().then_some(&scalar.text)
    }

    /// The text as messages show it: a value that a variable gave stands as the variable, so that no env file's content is told
    /// by a message about something else.
    pub fn written(&self) -> String {
        self.scalar().map(Scalar::written).unwrap_or_default()
    }

    /// The place that a label points at: the literal that made the whole value, else the node.
    pub fn place(&self) -> Span {
        match self.scalar().map(|scalar| scalar.pieces.as_slice()) {
            Some([piece]) => piece.span,
            _ => self.span,
        }
    }
}
