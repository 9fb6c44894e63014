"""Dotted names -> files."""

from gatekeeper.impact import layout


def test_a_name_is_looked_up_at_the_root_in_source_folders_and_around_the_importer() -> None:
    where = layout.Layout(["a.py", "src/b/__init__.py", "tests/unit/c.py", "tests/d.py", "space/e/f.py"])

    assert where.modules("a", "tests/unit/test_x.py") == ("a.py",)
    assert where.modules("b", "tests/unit/test_x.py") == ("src/b/__init__.py",)
    assert where.modules("c", "tests/unit/test_x.py") == ("tests/unit/c.py",)
    assert where.modules("d", "tests/unit/test_x.py") == ("tests/d.py",)
    assert where.modules("space.e", "x.py") == ("space/e",)
    assert where.modules("space.e.f", "x.py") == ("space/e/f.py",)
    assert where.modules("json", "x.py") == ()


def test_a_name_that_several_files_may_have_stands_for_all_of_them() -> None:
    where = layout.Layout(["a.py", "src/a/__init__.py", "far/away/only.py"])

    assert where.modules("a", "x.py") == ("a.py", "src/a/__init__.py")
    assert where.modules("only", "x.py") == ("far/away/only.py",)


def test_a_module_of_the_standard_library_is_not_looked_for_in_far_folders() -> None:
    assert layout.Layout(["far/away/json.py"]).modules("json", "x.py") == ()
    assert layout.Layout(["far/json.py"]).modules("json", "far/x.py") == ("far/json.py",)


def test_relative_names_count_from_the_importer() -> None:
    where = layout.Layout(["p/__init__.py", "p/q/__init__.py", "p/r.py", "p/q/s.py"])

    assert where.relative(1, "s", "p/q/x.py") == ("p/q/s.py",)
    assert where.relative(2, "r", "p/q/x.py") == ("p/r.py",)
    assert where.relative(2, "", "p/q/x.py") == ("p/__init__.py",)
    assert where.relative(9, "r", "p/q/x.py") == ()


def test_importing_a_module_runs_the_packages_around_it() -> None:
    where = layout.Layout(["p/__init__.py", "p/q/r.py", "p/q/__init__.py"])

    assert where.package_files("p/q/r.py") == ("p/q/__init__.py", "p/__init__.py")
    assert where.package_files("p/q/__init__.py") == ("p/__init__.py",)
