//! A compose file's content: YAML with aliases and merge keys followed and variables filled in, each part with its place.

mod more;

use super::fields::Fields;
use super::text::Text;
use crate::source::{FileId, Span};
use crate::yaml::{NodeId, Style};
pub(super) use more::More;
use std::sync::Arc;

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

/// A value with its place. A model has hundreds of thousands: what few of them have is in `more`.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// Where it is written: the anchor's place, if it came through an alias.
    pub span: Span,
    /// The node that has these bytes.
    pub node: NodeId,
    more: Option<Arc<More>>,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Data {
    /// Nothing, written or not.
    Null,
    /// A text, not yet resolved.
    Scalar(Scalar),
    /// A list.
    Sequence(Box<[Value]>),
    /// A map.
    Mapping(Box<Mapping>),
}

/// A text and how it is written.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The text, variables filled in.
    pub text: Text,
    /// How it is written; `Plain` may mean a number.
    pub style: Style,
    /// Whether variables had a part in it: then it is a text to Docker, even where it looks like a number.
    pub interpolated: bool,
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
    pub fields: Fields,
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
    /// A text that nobody wrote.
    pub(super) fn made(text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            style: Style::DoubleQuoted,
            interpolated: false,
        }
    }
}

impl std::convert::From<Fields> for Data {
    fn from(fields: Fields) -> Self {
        Self::Mapping(Box::new(Mapping { fields }))
    }
}

impl FromIterator<Value> for Data {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::Sequence(items.into_iter().collect())
    }
}

impl Value {
    /// A value that is written at `span`, and nothing else about it.
    pub(super) fn new(data: Data, span: Span, node: NodeId) -> Self {
        Self {
            data,
            span,
            node,
            more: None,
        }
    }

    /// The node that it is written as.
    pub fn reference(&self) -> NodeRef {
        NodeRef {
            file: self.span.file,
            node: self.node,
        }
    }

    /// Nothing, at the place of another value.
    pub(super) fn null(place: &Self) -> Self {
        Self::new(Data::Null, place.span, place.node).with(place.way())
    }

    /// Something else at this place.
    pub(super) fn made(&self, data: Data) -> Self {
        Self {
            data,
            ..Self::null(self)
        }
    }

    /// A text at this place that nobody wrote.
    pub(super) fn made_text(&self, text: impl Into<Text>) -> Self {
        self.made(Data::Scalar(Scalar::made(text)))
    }

    /// A part of this text, looked for behind its first bytes, with the pieces that it was made from; as a rule it is one.
    pub(super) fn made_part(&self, part: &str, behind: usize) -> Self {
        let whole = self.scalar().map(|scalar| &scalar.text);
        let at = |whole: &Text| Some(behind + whole.get(behind..)?.find(part)?);
        let Some((whole, at)) = whole.and_then(|whole| Some((whole, at(whole)?))) else {
            return self.made_text(part);
        };
        let range = at..at + part.len();
        let mut made = self.made_text(whole.part(&whole[range.clone()]));
        made.set_pieces(self.pieces_in(range));
        made
    }

    /// A number or a switch at this place that nobody wrote.
    pub(super) fn made_plain(&self, text: impl Into<Text>) -> Self {
        self.made_text(text).plain()
    }

    /// The same as a number or a switch.
    pub(super) fn plain(mut self) -> Self {
        if let Data::Scalar(scalar) = &mut self.data {
            scalar.style = Style::Plain;
        }
        self
    }

    /// A map at this place that nobody wrote.
    pub(super) fn made_map<K: Into<Text>>(
        &self,
        fields: impl IntoIterator<Item = (K, Self)>,
    ) -> Self {
        let fields = fields
            .into_iter()
            .map(|(key, value)| (key, self.made_field(value)));
        self.made(Data::from(fields.collect::<Fields>()))
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

    /// Changes the list itself, if it is one.
    pub(super) fn change_items(&mut self, change: impl FnOnce(&mut Vec<Value>)) {
        if let Data::Sequence(items) = &mut self.data {
            let mut list = std::mem::take(items).into_vec();
            change(&mut list);
            *items = list.into();
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
        self.unknown().is_empty().then_some(&*scalar.text)
    }

    /// The text as messages show it: a value that a variable gave stands as the variable, so that no env file's content is told
    /// by a message about something else.
    pub fn written(&self) -> String {
        let Some(scalar) = self.scalar() else {
            return String::new();
        };
        if self.pieces().is_empty() {
            return scalar.text.as_str().to_owned();
        }
        let parts = self.pieces().iter().map(|piece| match &piece.from {
            From::Variable(name) => format!("${{{name}}}"),
            From::Literal | From::Default(_) => piece.text.clone(),
        });
        parts.collect()
    }

    /// The place that a label points at: the literal that made the whole value, else the node.
    pub fn place(&self) -> Span {
        match self.pieces() {
            [piece] => piece.span,
            _ => self.span,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model of 1,000 services has a hundred thousand of them.
    #[test]
    fn values_stay_small() {
        assert!(size_of::<Value>() <= 48);
        assert!(size_of::<(Text, Field)>() <= 80);
        assert!(size_of::<Mapping>() <= 32);
    }
}
