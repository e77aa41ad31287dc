"""One mapping model, written as RML (both vocabularies), as CSVW metadata (JSON and RDF) and as plain JSON.

A triples map is a dictionary: name, source (a CSV file), subject (a template), class (an IRI, if any) and poms, pairs
of a predicate IRI and an object. An object is one of
  ("ref", column, XSD datatype or None, language tag or None)    a literal
  ("tpl", template)        an IRI, the values made safe for IRIs
  ("iri", column)          an IRI, as it stands
  ("const", IRI)
  ("join", parent map, child column, parent column)              the subjects of the parent
"""
import json

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
BASE = "http://example.org/bench/map/"


def write(folder, maps, headers=None):
    """Writes all forms of a mapping into a folder; CSVW only where the headers of the tables are given."""
    def put(name, text):
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    put("mapping.rml.ttl", rml(maps, legacy=False))
    put("mapping.legacy.ttl", rml(maps, legacy=True))
    put("spec.json", json.dumps(maps, indent=1, ensure_ascii=False))
    if headers:
        tables = [csvw_table(m, headers[m["source"]]) for m in maps]
        document = {"@context": "http://www.w3.org/ns/csvw"}
        document.update(tables[0] if len(tables) == 1 else {"tables": tables})
        put("csvw.json", json.dumps(document, indent=1, ensure_ascii=False))
        put("csvw.ttl", csvw_as_rdf(tables[0]))


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def rml(maps, legacy):
    """RML-Core, or the older rr:, rml: and ql: vocabularies."""
    if legacy:
        lines = ["@prefix rr: <http://www.w3.org/ns/r2rml#> .", "@prefix rml: <http://semweb.mmlab.be/ns/rml#> .",
                 "@prefix ql: <http://semweb.mmlab.be/ns/ql#> ."]
    else:
        lines = ["@prefix rml: <http://w3id.org/rml/> ."]
    p = "rr:" if legacy else "rml:"
    lines += [f"@prefix xsd: <{XSD}> .", f"@base <{BASE}> .", ""]
    for m in maps:
        lines.append(f"<{m['name']}> a {p}TriplesMap ;")
        if legacy:
            lines.append(f"  rml:logicalSource [ rml:source {quoted(m['source'])} ; rml:referenceFormulation ql:CSV ] ;")
        else:
            lines.append("  rml:logicalSource [ a rml:LogicalSource ;")
            lines.append("    rml:source [ a rml:RelativePathSource , rml:Source ; "
                         f"rml:root rml:MappingDirectory ; rml:path {quoted(m['source'])} ] ;")
            lines.append("    rml:referenceFormulation rml:CSV ] ;")
        type_ = f" ; {p}class <{m['class']}>" if m.get("class") else ""
        lines.append(f"  {p}subjectMap [ {p}template {quoted(m['subject'])}{type_} ]")
        for predicate, ob in m["poms"]:
            lines[-1] += " ;"
            lines.append(f"  {p}predicateObjectMap [ {p}predicate <{predicate}> ; {p}objectMap [ {rml_object(p, ob)} ] ]")
        lines[-1] += " ."
        lines.append("")
    return "\n".join(lines)


def rml_object(p, ob):
    match ob:
        case ("ref", column, datatype, language):
            text = f"rml:reference {quoted(column)}"
            if datatype:
                text += f" ; {p}datatype xsd:{datatype}"
            if language:
                text += f" ; {p}language {quoted(language)}"
            return text
        case ("tpl", template):
            return f"{p}template {quoted(template)} ; {p}termType {p}IRI"
        case ("iri", column):
            return f"rml:reference {quoted(column)} ; {p}termType {p}IRI"
        case ("const", iri):
            return f"{p}constant <{iri}>"
        case ("join", parent, child_column, parent_column):
            return (f"{p}parentTriplesMap <{parent}> ; {p}joinCondition "
                    f"[ {p}child {quoted(child_column)} ; {p}parent {quoted(parent_column)} ]")


def csvw_table(m, header):
    """The CSVW table of a triples map without joins."""
    virtual, by_column = [], {}
    if m.get("class"):
        virtual.append({"virtual": True, "name": "vtype", "propertyUrl": "rdf:type", "valueUrl": m["class"]})
    for predicate, ob in m["poms"]:
        if ob[0] == "ref":
            column = {"titles": ob[1], "name": ob[1], "propertyUrl": predicate, "datatype": ob[2] or "string"}
            if ob[3]:
                column["lang"] = ob[3]
            by_column.setdefault(ob[1], column)
        else:
            url = "{+" + ob[1] + "}" if ob[0] == "iri" else ob[1]
            number = len([v for v in virtual if v["name"] != "vtype"])
            virtual.append({"virtual": True, "name": f"v{number}", "propertyUrl": predicate, "valueUrl": url})
    columns = [by_column.get(name) or {"titles": name, "name": name, "suppressOutput": True} for name in header]
    return {"url": m["source"], "tableSchema": {"aboutUrl": m["subject"], "columns": columns + virtual}}


def csvw_as_rdf(table):
    """The same metadata as the RDF that it stands for, for a processor that takes nothing else."""
    columns = []
    for column in table["tableSchema"]["columns"]:
        properties = []
        for key, value in column.items():
            if key == "titles":
                properties.append(f"csvw:title {quoted(value)}@und")
            elif key == "datatype":
                properties.append(f"csvw:datatype xsd:{value}")
            elif value is True:
                properties.append(f"csvw:{key} true")
            else:
                value = RDF_TYPE if value == "rdf:type" else value
                properties.append(f"csvw:{key} {quoted(value)}{'^^csvw:uriTemplate' if key.endswith('Url') else ''}")
        columns.append("[ " + " ; ".join(properties) + " ]")
    about = quoted(table["tableSchema"]["aboutUrl"])
    return (f"@prefix csvw: <http://www.w3.org/ns/csvw#> .\n@prefix xsd: <{XSD}> .\n"
            f"[] csvw:url <{table['url']}> ; csvw:tableSchema [ csvw:aboutUrl {about}^^csvw:uriTemplate ;\n"
            f"  csvw:column ( {chr(10).join(columns)} ) ] .\n")
