//! What an SVG of ours is checked for: that it is XML, that nothing lies outside of it, and that no text lies on another.

use roxmltree::{Document, Node};
use unicode_width::UnicodeWidthChar;

/// A box around a text.
#[derive(Clone, Debug)]
pub struct TextBox {
    pub text: String,
    class: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn number(node: &Node, name: &str) -> f64 {
    let text = node.attribute(name).unwrap_or("0");
    text.parse().unwrap_or_else(|_| panic!("{name}={text}"))
}

/// The size of a text's letters by its class, as the style sheet in the document has it.
fn size(classes: &str) -> f64 {
    let of = |class: &str| match class {
        "u-head" => Some(20.0),
        "u-lede" => Some(15.0),
        "u-body" | "u-muted" | "u-name" => Some(12.0),
        "u-small" | "u-tick" | "u-words" | "u-flag" | "u-letter" => Some(11.0),
        "u-step" => Some(9.0),
        _ => None,
    };
    let mut sizes = classes.split(' ').filter_map(of);
    sizes
        .next()
        .unwrap_or_else(|| panic!("no size is known of `{classes}`"))
}

/// About what browsers make of it with a font of common width: half an em a letter, a whole one for wide letters, nothing for those that join others.
fn width(text: &str, classes: &str) -> f64 {
    let mono = classes.contains("u-name");
    let ems = text.chars().map(|c| match c {
        c if !c.is_ascii() => match c.width() {
            None | Some(0) => 0.0,
            Some(1) => 0.8,
            Some(_) => 1.1,
        },
        _ if mono => 0.6,
        'i' | 'l' | 'j' | ' ' | '.' | ',' | ':' | '\'' | '(' | ')' => 0.3,
        'm' | 'w' | 'M' | 'W' | '%' => 0.85,
        _ => 0.55,
    });
    ems.sum::<f64>() * size(classes)
}

fn text_box(node: &Node) -> TextBox {
    let classes = node.attribute("class").expect("a class");
    let text: String = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|n| n.text())
        .collect();
    let (x, y) = (number(node, "x"), number(node, "y"));
    let (width, size) = (width(&text, classes), size(classes));
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    TextBox {
        text,
        class: classes.to_owned(),
        left,
        right: left + width,
        top: y - 0.72 * size,
        bottom: y + 0.2 * size,
    }
}

/// The texts of an SVG, after all checks.
pub fn checked(svg: &str) -> Vec<TextBox> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}\n{svg}"));
    let root = document.root_element();
    assert_eq!(
        root.tag_name().namespace(),
        Some("http://www.w3.org/2000/svg")
    );
    let view: Vec<f64> = root
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    let (width, height) = (view[2], view[3]);
    assert_eq!(
        (number(&root, "width"), number(&root, "height")),
        (width, height)
    );
    for name in ["title", "desc"] {
        let child = root
            .children()
            .find(|node| node.has_tag_name(name))
            .expect(name);
        let id = child.attribute("id").expect("an id");
        assert!(root.attribute("aria-labelledby").unwrap().contains(id));
    }
    let (mut texts, mut lines) = (Vec::new(), Vec::new());
    for node in root.descendants().filter(Node::is_element) {
        let inside = |x: f64, y: f64| {
            let fits = (-0.5..=width + 0.5).contains(&x) && (-0.5..=height + 0.5).contains(&y);
            assert!(fits, "{x} {y} is outside of {width} {height}: {node:?}");
        };
        match node.tag_name().name() {
            "text" => texts.push(text_box(&node)),
            "rect" => {
                let (x, y) = (number(&node, "x"), number(&node, "y"));
                let (w, h) = (number(&node, "width"), number(&node, "height"));
                assert!(w >= 0.0 && h > 0.0, "{node:?}");
                inside(x, y);
                inside(x + w, y + h);
            }
            "circle" => {
                let (x, y, r) = (number(&node, "cx"), number(&node, "cy"), number(&node, "r"));
                inside(x - r, y - r);
                inside(x + r, y + r);
            }
            "path" => {
                if node.attribute("class").unwrap().starts_with("u-line") {
                    let ends = node.attribute("d").unwrap().trim_start_matches('M');
                    let ends = ends.split(['L', ' ']).map(|n| n.parse::<f64>().unwrap());
                    lines.push(ends.collect::<Vec<f64>>());
                }
                for part in node.attribute("d").unwrap().split('M').skip(1) {
                    let end = part
                        .find(|c: char| c.is_ascii_alphabetic())
                        .unwrap_or(part.len());
                    let at: Vec<f64> = part[..end].split(' ').map(|n| n.parse().unwrap()).collect();
                    inside(at[0], at[1]);
                }
            }
            "svg" | "title" | "desc" | "style" | "tspan" => {}
            other => panic!("<{other}> is not expected"),
        }
    }
    for line in &lines {
        let [x, from, _, to] = line[..] else {
            panic!("{line:?}")
        };
        // A badge sits on its own line, and a step's letter in its bar.
        let texts = texts
            .iter()
            .filter(|text| !matches!(text.class.as_str(), "u-letter" | "u-step"));
        for text in texts {
            let crossed = text.left < x && x < text.right && text.top < to && from < text.bottom;
            assert!(!crossed, "a line at {x} runs through {text:?}");
        }
    }
    for (index, a) in texts.iter().enumerate() {
        assert!(
            a.left >= 0.0 && a.right <= width && a.top >= 0.0 && a.bottom <= height,
            "{a:?} is outside of {width} {height}"
        );
        for b in &texts[index + 1..] {
            let apart =
                a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            assert!(apart, "{a:?} lies on {b:?}");
        }
    }
    texts
}
