//! What an exercise asks for, as its solution's source states it.

use crate::exercise::Exercise;
use crate::functions::functions;

/// The documentation of an exercise's function, in Markdown, and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    pub docs: String,
    pub signature: String,
}

impl Contract {
    /// `text` is that of the exercise's file.
    pub fn of(text: &str, exercise: &Exercise) -> Option<Self> {
        let mut functions = functions(text).ok()?.into_iter();
        let function = functions.find(|function| function.is(exercise))?;
        Some(Self {
            signature: function.signature(text)?,
            docs: function.docs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_and_signature_stand_without_indent_and_body() {
        let text = "impl One {\n    /// Doubles `n`.\n    ///\n    ///     n * 2\n    #[must_use]\n    pub fn twice<T>(n: T) -> T\n    where\n        T: Copy,\n    {\n        // Exercise: double it.\n        n\n    }\n}\n";
        let exercise = Exercise {
            name: "twice".into(),
            owner: Some("One".into()),
            file: "lib.rs".into(),
            line: 10,
            hint: String::new(),
        };
        assert_eq!(
            Contract::of(text, &exercise),
            Some(Contract {
                docs: "Doubles `n`.\n\n    n * 2".into(),
                signature: "pub fn twice<T>(n: T) -> T\nwhere\n    T: Copy,".into(),
            })
        );
    }
}
