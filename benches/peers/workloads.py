#!/usr/bin/env python3
"""Makes the tables of the workloads, with their mappings (see mappings.py).

usage: workloads.py FOLDER [WORKLOAD ...]

Each workload is a folder of its own; WIDE_ROWS, GTFS_SCALE, JOIN_ROWS and DUP_ROWS in the environment scale them, and
a workload of another size than the usual has its size in the name of the folder. A folder that is there is left alone.
Nothing depends on the Python version or a hash seed: all choices come from a 64-bit mixer, so everybody has the same
bytes. BENCH_SALT, a number, makes other data of the same shape.
"""
import os
import sys

import mappings

EX = "http://example.org/bench/"
MASK = (1 << 64) - 1
SALT = int(os.environ.get("BENCH_SALT", "0"))

FIRST = ["Amina", "Björn", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hiroshi", "Inés", "José",
         "Khalid", "Lucía", "Mahmoud", "Nadia", "Omar", "Priya", "Quentin", "Rania", "Søren", "Tariq",
         "Ursula", "Victor", "Wei", "Ximena", "Yusuf", "Zoë"]
LAST = ["Smith", "O'Neil", "García", "Al-Masri", "Müller", "Tanaka", "Haddad", "Novák", "Silva", "Brown",
        "Khoury", "Ivanov", "Nguyen", "Rossi", "Larsen", "Dubois", "Yılmaz", "Kowalski", "Okafor", "Mansour"]
ARABIC = ["مكتبة", "الرياض", "القاهرة", "بيروت", "دمشق", "بغداد", "عمّان", "تونس", "الدار البيضاء", "مدرسة",
          "جامعة", "سوق", "متحف", "حديقة", "مطار", "محطة"]
NOUN = ["bicycle", "lamp", "carpet", "kettle", "notebook", "camera", "teapot", "window", "garden", "engine",
        "mirror", "ladder", "basket", "pillow", "hammer", "guitar"]
ADJECTIVE = ["red", "small", "antique", "wooden", "portable", "silent", "heavy", "foldable", "electric", "blue",
             "hand-made", "solar", "vintage", "simple", "bright", "light"]
CATEGORY = ["Books", "Arts & Crafts", "Home/Garden", "Food, Drink", "Toys 100%", "Tools+Parts", "Café",
            "مكتبة عامة", "Music", "R&D?", "C#", "Sports [outdoor]"]


def mix(*numbers):
    """64 bits that look random and are always the same for the same numbers."""
    h = 0x9E3779B97F4A7C15 ^ SALT
    for number in numbers:
        h = (h ^ (number & MASK)) * 0xBF58476D1CE4E5B9 & MASK
        h = (h ^ (h >> 27)) * 0x94D049BB133111EB & MASK
        h ^= h >> 31
    return h


class Table:
    """A CSV file: RFC 4180, UTF-8, a header, LF."""

    def __init__(self, path, header):
        self.file = open(path, "w", encoding="utf-8", newline="", buffering=1 << 20)
        self.row(header)

    def row(self, cells):
        self.file.write(",".join([self.cell(cell) for cell in cells]) + "\n")

    @staticmethod
    def cell(text):
        if '"' in text or "," in text or "\n" in text:
            return '"' + text.replace('"', '""') + '"'
        return text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def literal(column, datatype=None, language=None):
    return ("ref", column, datatype, language)


def wide(folder, rows, newlines=False):
    """Ten columns: typed literals, language tags, quotes, backslashes, Arabic, values to be made safe for IRIs."""
    header = ["id", "name", "label_ar", "note", "count", "price", "day", "stamp", "active", "category"]
    with Table(f"{folder}/data.csv", header) as table:
        for i in range(1, rows + 1):
            h, g = mix(1, i), mix(2, i)
            name = FIRST[h % 26] + " " + LAST[(h >> 8) % 20]
            note = ADJECTIVE[(h >> 16) % 16] + " " + NOUN[(h >> 24) % 16]
            kind = g % 64
            if kind == 0:
                note = f'the "{note}", as new'
            elif kind == 1:
                note = f"{note}; path C:\\items\\{i}"
            elif kind == 2:
                note = f"{note}," + ("\n" if newlines else " ") + "second line\tand a tab"
            elif kind < 16:
                note = f"{note}, item {i}"
            else:
                note = f"{note} {g >> 40}"
            day = f"{1990 + (g >> 8) % 36:04}-{1 + (g >> 16) % 12:02}-{1 + (g >> 24) % 28:02}"
            table.row([str(i), name, ARABIC[(h >> 32) % 16] + " " + ARABIC[(h >> 40) % 16], note,
                       str((h >> 12) % 100000), f"{(g >> 10) % 10000}.{1 + (g >> 30) % 9}", day,
                       f"{day}T{(h >> 5) % 24:02}:{(h >> 9) % 60:02}:{(h >> 20) % 60:02}Z",
                       "true" if g & 32 else "false", CATEGORY[(h >> 48) % 12]])
    mappings.write(folder, [{"name": "wide", "source": "data.csv", "subject": EX + "item/{id}", "poms": [
        (EX + "id", literal("id", "integer")),
        (EX + "name", literal("name")),
        (EX + "label", literal("label_ar", None, "ar")),
        (EX + "note", literal("note")),
        (EX + "count", literal("count", "integer")),
        (EX + "price", literal("price", "decimal")),
        (EX + "day", literal("day", "date")),
        (EX + "stamp", literal("stamp", "dateTime")),
        (EX + "active", literal("active", "boolean")),
        (EX + "category", ("tpl", EX + "category/{category}")),
    ]}], {"data.csv": header})


def gtfs(folder, scale):
    """Nine tables and ten joins, one of SHAPES with itself, in the proportions of GTFS-Madrid-Bench: at scale 1 one
    agency, 13 routes, 130 trips, 1262 stops, 1855 stop times, 58540 points of shapes, 855 frequencies, 5 services."""
    transit = "http://example.org/transit/"
    routes, trips, stops = 13 * scale, 130 * scale, 1262 * scale
    points, services, points_of_a_shape = 58540 * scale, 5 * scale, 450
    shapes = (points + points_of_a_shape - 1) // points_of_a_shape

    def table(name, *header):
        return Table(f"{folder}/{name}.csv", header)

    def key(kind, i):
        return f"{mix(kind, i) & 0xFFFFFFFFFFFF:012x}"

    def position(h):
        return [f"40.{100000 + h % 899999}", f"-3.{100000 + (h >> 20) % 899999}"]

    with table("AGENCY", "agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang") as t:
        for i in range(scale):
            t.row([key(1, i), f"Transit {ARABIC[i % 16]} {i}", f"http://agency.example/{i}", "Asia/Riyadh", "ar"])
    with table("ROUTES", "route_id", "agency_id", "route_short_name", "route_long_name", "route_desc", "route_type",
               "route_url", "route_color", "route_text_color") as t:
        for i in range(routes):
            h = mix(3, i)
            t.row([key(2, i), key(1, i % scale), str(i % 97), f"{LAST[h % 20]} - {LAST[(h >> 9) % 20]}, line {i}",
                   f'"{ADJECTIVE[h % 16]}" route', str(h % 4), f"http://routes.example/{i}", f"{h & 0xFFFFFF:06X}",
                   "FFFFFF"])
    with table("CALENDAR", "service_id", "monday", "saturday", "start_date", "end_date") as t:
        for i in range(services):
            t.row([key(4, i), "true" if i & 1 else "false", "true" if i & 2 else "false", "2026-01-01", "2026-12-31"])
    with table("TRIPS", "route_id", "service_id", "trip_id", "trip_headsign", "trip_short_name", "direction_id",
               "shape_id", "wheelchair_accessible") as t:
        for i in range(trips):
            h = mix(5, i)
            t.row([key(2, i % routes), key(4, h % services), key(6, i), ARABIC[h % 16], str(i), str(h & 1),
                   key(7, i % shapes), str(h % 3)])
    with table("STOPS", "stop_id", "stop_code", "stop_name", "stop_desc", "stop_lat", "stop_lon", "zone_id",
               "stop_url", "location_type", "parent_station", "wheelchair_boarding") as t:
        for i in range(stops):
            h = mix(8, i)
            t.row([f"par_{i // 4}_{i % 4}", str(i), f"{ARABIC[h % 16]} / {LAST[(h >> 8) % 20]}", f"stop no. {i}",
                   *position(h), "AB"[h & 1], f"http://stops.example/{i}", str(h % 2), f"par_{i // 4}_0", str(h % 3)])
    with table("STOP_TIMES", "trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "stop_headsign",
               "pickup_type", "drop_off_type", "shape_dist_traveled") as t:
        for i in range(1855 * scale):
            h = mix(9, i)
            stop = h % stops
            time = f"{5 + h % 18:02}:{(h >> 7) % 60:02}:{(h >> 17) % 60:02}"
            t.row([key(6, i % trips), time, time, f"par_{stop // 4}_{stop % 4}", str(i // trips),
                   ARABIC[(h >> 30) % 16], str(h % 4), str((h >> 3) % 4), f"{(h >> 11) % 9000}.{1 + (h >> 25) % 9}"])
    with table("SHAPES", "shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence", "shape_dist_traveled") as t:
        for i in range(points):
            h = mix(10, i)
            t.row([key(7, i // points_of_a_shape), *position(h), str(i % points_of_a_shape),
                   f"{(h >> 11) % 90000}.{1 + (h >> 40) % 9}"])
    with table("FREQUENCIES", "trip_id", "start_time", "end_time", "headway_secs", "exact_times") as t:
        for i in range(855 * scale):
            h = mix(11, i)
            t.row([key(6, i % trips), f"{5 + i // trips:02}:00:00", f"{6 + i // trips:02}:00:00",
                   str(60 + h % 900), "true" if h & 1 else "false"])

    def triples_map(name, source, subject, type_, *poms):
        return {"name": name, "source": f"{source}.csv", "subject": transit + subject, "class": transit + type_,
                "poms": [(transit + predicate, ob) for predicate, ob in poms]}

    def iri(template):
        return ("tpl", transit + template)

    def join(parent, column, parent_column=None):
        return ("join", parent, column, parent_column or column)

    mappings.write(folder, [
        triples_map(
            "agency", "AGENCY", "agency/{agency_id}", "Agency",
            ("name", literal("agency_name")), ("page", ("iri", "agency_url")),
            ("timeZone", literal("agency_timezone")), ("language", literal("agency_lang"))),
        triples_map(
            "routes", "ROUTES", "routes/{route_id}", "Route",
            ("shortName", literal("route_short_name")), ("longName", literal("route_long_name")),
            ("description", literal("route_desc")), ("routeType", iri("RouteType/{route_type}")),
            ("routeUrl", ("iri", "route_url")), ("color", literal("route_color")),
            ("textColor", literal("route_text_color")), ("agency", join("agency", "agency_id"))),
        triples_map(
            "services", "CALENDAR", "services/{service_id}", "Service",
            ("monday", literal("monday", "boolean")), ("saturday", literal("saturday", "boolean")),
            ("startDate", literal("start_date", "date")), ("endDate", literal("end_date", "date"))),
        triples_map(
            "trips", "TRIPS", "trips/{trip_id}", "Trip",
            ("headsign", literal("trip_headsign")), ("shortName", literal("trip_short_name")),
            ("direction", literal("direction_id")), ("wheelchairAccessible", iri("Wheelchair/{wheelchair_accessible}")),
            ("service", join("services", "service_id")), ("route", join("routes", "route_id")),
            ("shape", join("shapes", "shape_id"))),
        triples_map(
            "stops", "STOPS", "stops/{stop_id}", "Stop",
            ("code", literal("stop_code")), ("identifier", literal("stop_id")), ("name", literal("stop_name")),
            ("description", literal("stop_desc")), ("lat", literal("stop_lat", "double")),
            ("long", literal("stop_lon", "double")), ("zone", literal("zone_id")), ("page", ("iri", "stop_url")),
            ("locationType", iri("LocationType/{location_type}")), ("named", iri("place/{stop_name}")),
            ("wheelchairAccessible", iri("Wheelchair/{wheelchair_boarding}")),
            ("parentStation", join("stops", "parent_station", "stop_id"))),
        triples_map(
            "stoptimes", "STOP_TIMES", "stoptimes/{trip_id}-{stop_id}-{arrival_time}", "StopTime",
            ("arrivalTime", literal("arrival_time")), ("departureTime", literal("departure_time")),
            ("stopSequence", literal("stop_sequence", "integer")), ("headsign", literal("stop_headsign")),
            ("pickupType", iri("PickupType/{pickup_type}")), ("dropOffType", iri("DropOffType/{drop_off_type}")),
            ("distanceTraveled", literal("shape_dist_traveled", "double")),
            ("trip", join("trips", "trip_id")), ("stop", join("stops", "stop_id"))),
        triples_map(
            "shapes", "SHAPES", "shape/{shape_id}", "Shape", ("shapePoint", join("shapePoints", "shape_id"))),
        triples_map(
            "shapePoints", "SHAPES", "shape_point/{shape_id}-{shape_pt_sequence}", "ShapePoint",
            ("lat", literal("shape_pt_lat", "double")), ("long", literal("shape_pt_lon", "double")),
            ("pointSequence", literal("shape_pt_sequence")),
            ("distanceTraveled", literal("shape_dist_traveled", "double"))),
        triples_map(
            "frequencies", "FREQUENCIES", "frequency/{trip_id}-{start_time}", "Frequency",
            ("startTime", literal("start_time")), ("endTime", literal("end_time")),
            ("headwaySeconds", literal("headway_secs", "integer")), ("exactTimes", literal("exact_times", "boolean")),
            ("trip", join("trips", "trip_id"))),
    ])


def joins(folder, rows, shared=10):
    """Two tables in which every key stands in ten rows of each: ten joined triples a row."""
    header, keys = ["id", "key", "p1", "p2"], rows // shared
    with Table(f"{folder}/child.csv", header) as table:
        for i in range(rows):
            h = mix(21, i)
            table.row([str(i), f"k {(i * 7919) % keys}", f"{NOUN[h % 16]} {i}", ARABIC[(h >> 8) % 16]])
    with Table(f"{folder}/parent.csv", header) as table:
        for i in range(rows):
            h = mix(22, i)
            table.row([f"P{i}", f"k {(i * 104729) % keys}", f"{ADJECTIVE[h % 16]} {i}", LAST[(h >> 8) % 20]])

    def triples_map(name, kind, *more):
        return {"name": name, "source": f"{name}.csv", "subject": f"{EX}{kind}/{{id}}",
                "poms": [(EX + "p1", literal("p1")), (EX + "p2", literal("p2")), *more]}

    mappings.write(folder, [triples_map("child", "c", (EX + "linked", ("join", "parent", "key", "key"))),
                            triples_map("parent", "p")])


def duplicates(folder, rows):
    """Every distinct row stands four times, far apart: three quarters of the triples that are made are repeats."""
    header, distinct = ["uid", "name", "city", "code", "since"], rows // 4
    with Table(f"{folder}/data.csv", header) as table:
        for i in range(rows):
            k = (i * 611953 + (i // distinct) * 7919) % distinct
            h = mix(32, k)
            table.row([f"u{k}", f"{FIRST[h % 26]} {LAST[(h >> 8) % 20]} {k}", ARABIC[(h >> 16) % 16], f"{h >> 40:06x}",
                       f"{1990 + (h >> 20) % 36}-{1 + (h >> 28) % 12:02}-{1 + (h >> 33) % 28:02}"])
    mappings.write(folder, [{"name": "dup", "source": "data.csv", "subject": EX + "user/{uid}", "class": EX + "User",
                             "poms": [(EX + "name", literal("name")), (EX + "city", literal("city", None, "ar")),
                                      (EX + "code", ("tpl", EX + "code/{code}")),
                                      (EX + "since", literal("since", "date"))]}],
                   {"data.csv": header})


# name: (what makes it, the variable that scales it, the usual size)
WORKLOADS = {
    "wide": (wide, "WIDE_ROWS", 1_000_000),
    "wide100k": (wide, None, 100_000),
    "small": (wide, None, 100),
    "quirks": (lambda folder, rows: wide(folder, rows, newlines=True), None, 300),
    "gtfs": (gtfs, "GTFS_SCALE", 20),
    "joins": (joins, "JOIN_ROWS", 100_000),
    "duplicates": (duplicates, "DUP_ROWS", 1_000_000),
}


def make(data, workload):
    """The folder of a workload at the size that is asked for, made if it is not there; whether that is the usual size."""
    maker, variable, usual = WORKLOADS[workload]
    size = int(os.environ.get(variable, usual)) if variable else usual
    folder = f"{data}/{workload}" if size == usual else f"{data}/{workload}-{size}"
    if not os.path.exists(folder):
        # What is made in part never has the name of the whole.
        partial = f"{folder}.partial"
        os.makedirs(partial, exist_ok=True)
        maker(partial, size)
        os.rename(partial, folder)
    return folder, size == usual and SALT == 0


if __name__ == "__main__":
    for name in sys.argv[2:] or WORKLOADS:
        print(make(sys.argv[1], name)[0])
