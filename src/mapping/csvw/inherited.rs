//! Reads the properties that columns inherit from schemas, tables and groups.
//!
//! In: an element of a metadata document and what its parent says. Out: [`Inherited`].

use super::json::{Json, Member, Node};
use super::limits::{self, weight};
use super::metadata::Inherited;
use super::parse::{Parser, is_language_tag, strings};
use super::{annotation, datatype};
use crate::diagnostic::Severity;
use crate::plan::{Nulls, Template, Variable};

impl Parser<'_> {
    /// Resolves the inherited properties of an element against those of its parent.
    ///
    /// Spec: metadata §5.7
    pub(super) fn parse_inherited(&mut self, node: &Node, parent: &Inherited) -> Inherited {
        self.charge(node, weight(parent));
        if self.limits.is_reached() {
            return Inherited::default();
        }
        let mut out = parent.clone();
        for member in node.members() {
            let value = &member.value;
            match member.key.as_str() {
                "aboutUrl" => self.template(member, &mut out.about_url),
                "propertyUrl" => self.template(member, &mut out.property_url),
                "valueUrl" => self.template(member, &mut out.value_url),
                "default" => match value.as_str() {
                    Some(text) => text.clone_into(&mut out.default),
                    None => self.invalid("default", value, "a string"),
                },
                "lang" => match value.as_str() {
                    Some(tag) if is_language_tag(tag) => tag.clone_into(&mut out.lang),
                    _ => self.invalid("lang", value, "a language tag"),
                },
                "null" => match &value.value {
                    Json::String(text) => out.null = Nulls::new(vec![text.clone()]),
                    Json::Array(items) if items.iter().all(|item| item.as_str().is_some()) => {
                        out.null = Nulls::new(strings(Some(value)));
                    }
                    _ => self.invalid("null", value, "a string or an array of strings"),
                },
                "ordered" => out.ordered = self.truth(member, out.ordered),
                "required" => out.required = self.truth(member, out.required),
                "separator" => match &value.value {
                    Json::String(text) if !text.is_empty() => out.separator = Some(text.clone()),
                    Json::Null => out.separator = None,
                    _ => self.invalid("separator", value, "a string"),
                },
                "textDirection" => {
                    let known = ["ltr", "rtl", "auto", "inherit"];
                    if !value.as_str().is_some_and(|text| known.contains(&text)) {
                        self.invalid("textDirection", value, "`ltr`, `rtl`, `auto` or `inherit`");
                    }
                }
                "datatype" => {
                    out.datatype = datatype::parse(self, value);
                    // Its common properties are told to nobody, but have to be sound.
                    for common in value.members() {
                        if let Some(predicate) = annotation::predicate(&common.key) {
                            annotation::values(self, &predicate, &common.value);
                        }
                    }
                }
                _ => {}
            }
        }
        out
    }

    fn truth(&mut self, member: &Member, default: bool) -> bool {
        if let Json::Bool(value) = member.value.value {
            return value;
        }
        self.invalid(&member.key, &member.value, "true or false");
        default
    }

    fn template(&mut self, member: &Member, slot: &mut Option<String>) {
        let Some(text) = member.value.as_str() else {
            // The default is an empty template, which stands for the table itself.
            self.invalid(&member.key, &member.value, "a URI template");
            *slot = Some(String::new());
            return;
        };
        let variables = text.matches(['{', ',']).count();
        if text.len() > limits::TEMPLATE_BYTES || variables > limits::TEMPLATE_VARIABLES {
            let message = format!(
                "a URI template may have {} KiB and {} variables",
                limits::TEMPLATE_BYTES >> 10,
                limits::TEMPLATE_VARIABLES
            );
            self.error(limits::CODE, &member.value, message, "metadata §5.1.3");
            return;
        }
        match Template::parse(text, |_| Variable::Undefined) {
            Ok(_) => *slot = Some(text.to_owned()),
            Err(error) => self.report(
                Severity::Warning,
                "csvw::invalid-template",
                &member.value,
                error.to_string(),
                Some("without it the column makes other IRIs or none".to_owned()),
                "metadata §5.1.3",
            ),
        }
    }
}
