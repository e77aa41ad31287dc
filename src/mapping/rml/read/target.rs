//! Logical targets.
//!
//! Spec: RML-IO §4

use super::{At, Read, Reader, fault, name_of};
use crate::mapping::rml::graph::{Statement, node};
use crate::mapping::rml::model::{LogicalTarget, Root};
use crate::mapping::rml::read::term::local_name;
use crate::mapping::rml::vocab::Property;
use oxrdf::NamedOrBlankNode;

impl Reader<'_, '_> {
    /// The numbers of the targets of a term map.
    pub(super) fn targets_of(&mut self, node: &NamedOrBlankNode) -> Read<Vec<usize>> {
        let statements = self.graph.values(node, Property::LogicalTarget);
        statements
            .map(|statement| self.logical_target(statement))
            .collect()
    }

    fn logical_target(&mut self, statement: &Statement) -> Read<usize> {
        let node = self.described(statement, "a logical target")?;
        if let Some(known) = self.targets.get(&node) {
            return *known;
        }
        let target = self.target(&node, statement);
        let number = target.map(|target| {
            self.mapping.targets.push(target);
            self.mapping.targets.len() - 1
        });
        self.targets.insert(node, number);
        number
    }

    fn target(&mut self, logical: &NamedOrBlankNode, statement: &Statement) -> Read<LogicalTarget> {
        let graph = self.graph;
        let place = graph.place(statement);
        let Some(access) = self.at_most_one(logical, Property::Target)? else {
            let message = format!(
                "the logical target {} has no rml:target",
                graph.show_node(logical)
            );
            let help = "add `rml:target [ a rml:FilePath ; rml:path \"out.nq\" ]`";
            return self.fail(fault("rml::missing-target", message, &place).with_help(help));
        };
        let described = node(&access.object).filter(|node| graph.is_described(node));
        let (path, root) = match &described {
            Some(node) => (self.target_path(node, access)?, self.root(node)?),
            None => (self.iri_text(access)?, Root::Unstated),
        };
        let mut compression = self.compression(logical)?;
        let mut encoding = self.encoding(logical)?;
        let mut serialization = self.serialization(logical)?;
        if let Some(node) = &described {
            compression = compression.or(self.compression(node)?);
            encoding = encoding.or(self.encoding(node)?);
            serialization = serialization.or(self.serialization(node)?);
        }
        Ok(LogicalTarget {
            name: name_of(logical),
            path,
            root,
            serialization,
            encoding,
            compression,
            place: graph.node_place(logical),
        })
    }

    fn target_path(&mut self, node: &NamedOrBlankNode, access: &Statement) -> Read<At<String>> {
        for property in [
            Property::Path,
            Property::DataDump,
            Property::DownloadUrl,
            Property::AccessUrl,
            Property::CsvwUrl,
        ] {
            if let Some(statement) = self.at_most_one(node, property)? {
                return self.iri_text(statement);
            }
        }
        let graph = self.graph;
        let classes: Vec<_> = graph
            .classes(node)
            .map(|class| graph.show(class.as_str()))
            .collect();
        let message = match classes.as_slice() {
            [] => "the target names no file".to_owned(),
            classes => format!("a target of the class {} names no file", classes.join(", ")),
        };
        let help = "files have an `rml:path` or a `void:dataDump`; nothing is written to services";
        let place = graph.place(access);
        self.fail(fault("rml::unsupported-target", message, &place).with_help(help))
    }

    fn serialization(&mut self, node: &NamedOrBlankNode) -> Read<Option<At<String>>> {
        match self.at_most_one(node, Property::Serialization)? {
            Some(statement) => self.iri_text(statement).map(Some),
            None => Ok(None),
        }
    }

    fn encoding(&mut self, node: &NamedOrBlankNode) -> Read<Option<At<String>>> {
        let statement = self.at_most_one(node, Property::Encoding)?;
        Ok(statement.map(|statement| At {
            value: local_name(&statement.object).to_owned(),
            place: self.graph.place(statement),
        }))
    }
}
