"""One solved example for each task: it tells a small model more than words do."""

from __future__ import annotations

from lsp_server.engine.protocol import Example, Snippet

_CLAMP = "def clamp(value, low, high):\n    return max(low, min(value, high))"
_CLAMP_JS = "function clamp(value, low, high) {\n  return Math.max(low, Math.min(value, high));\n}"
_EVEN_JS = (
    "function isEven(n) {\n  const rest = n % 2;\n  if (rest === 0) {\n    return true;\n  } else {\n"
    "    return false;\n  }\n}"
)
_GREET = (
    "def greet(name, times=1):\n    words = []\n    for number in range(times):\n"
    '        words.append(f"Hello {name}")\n    return words'
)

_TEST = {
    "python": Example(
        "python",
        _CLAMP,
        "def test_clamp():\n    assert clamp(5, 0, 10) == 5\n    assert clamp(-1, 0, 10) == 0\n"
        "    assert clamp(11, 0, 10) == 10",
    ),
    "javascript": Example(
        "javascript",
        _CLAMP_JS,
        'test("clamp", () => {\n  expect(clamp(5, 0, 10)).toBe(5);\n  expect(clamp(-1, 0, 10)).toBe(0);\n'
        "  expect(clamp(11, 0, 10)).toBe(10);\n});",
    ),
    "go": Example(
        "go",
        "func Clamp(value, low, high int) int {\n\treturn max(low, min(value, high))\n}",
        "func TestClamp(t *testing.T) {\n\tif got := Clamp(11, 0, 10); got != 10 {\n"
        '\t\tt.Errorf("Clamp(11, 0, 10) = %d, want 10", got)\n\t}\n}',
    ),
    "rust": Example(
        "rust",
        "fn clamp(value: i32, low: i32, high: i32) -> i32 {\n    low.max(value.min(high))\n}",
        "#[test]\nfn clamps() {\n    assert_eq!(clamp(5, 0, 10), 5);\n"
        "    assert_eq!(clamp(11, 0, 10), 10);\n}",
    ),
}
_SIMPLIFY = {
    "python": Example(
        "python",
        "def is_even(n):\n    rest = n % 2\n    if rest == 0:\n        return True\n    else:\n"
        "        return False",
        "def is_even(n):\n    return n % 2 == 0",
    ),
    "javascript": Example("javascript", _EVEN_JS, "function isEven(n) {\n  return n % 2 === 0;\n}"),
}
_TRANSLATE = {
    "javascript": Example(
        "python",
        _GREET,
        "function greet(name, times = 1) {\n  const words = [];\n"
        "  for (let number = 0; number < times; number++) {\n    words.push(`Hello ${name}`);\n  }\n"
        "  return words;\n}",
    ),
    "typescript": Example(
        "python",
        _GREET,
        "function greet(name: string, times = 1): string[] {\n  const words: string[] = [];\n"
        "  for (let number = 0; number < times; number++) {\n    words.push(`Hello ${name}`);\n  }\n"
        "  return words;\n}",
    ),
    "go": Example(
        "python",
        _GREET,
        "func greet(name string, times int) []string {\n\twords := []string{}\n"
        '\tfor number := 0; number < times; number++ {\n\t\twords = append(words, "Hello "+name)\n\t}\n'
        "\treturn words\n}",
    ),
    "python": Example(
        "javascript",
        "function greet(name, times = 1) {\n  const words = [];\n"
        "  for (let number = 0; number < times; number++) {\n    words.push(`Hello ${name}`);\n  }\n"
        "  return words;\n}",
        _GREET,
    ),
}
_SAME = {
    "javascriptreact": "javascript",
    "typescript": "javascript",
    "typescriptreact": "javascript",
}
_TYPED = {
    "python": """def clamp(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def greet(name: str, times: int = 1, *, loud: bool = False) -> str:
    text = " ".join([f"Hello {name}"] * times)
    return text.upper() if loud else text


def read_numbers(path: str) -> list[int]:
    return [int(line) for line in open(path)]


def show(message: str) -> None:
    print(message)
""",
    "typescript": """function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}

function greet(name: string, times: number = 1): string {
  return `Hello ${name}`.repeat(times);
}

function show(message: string): void {
  console.log(message);
}
""",
}


_NAMES = {
    "python": """def mean(q):
    uu = 0
    for w in q:
        uu += w
    return uu / len(q)
# Clear names: `uu` -> `total`, `w` -> `number`


def users_of(path):
    with open(path) as g2:
        zz = json.load(g2)
    hh = zz.get("users", [])
    return hh
# Clear names: `g2` -> `config_file`, `zz` -> `config`, `hh` -> `users`


""",
    "javascript": """function mean(q) {
  let uu = 0;
  for (const w of q) {
    uu += w;
  }
  return uu / q.length;
}
// Clear names: `uu` -> `total`, `w` -> `number`

async function usersOf(url) {
  const g2 = await fetch(url);
  const zz = await g2.json();
  const hh = zz.users ?? [];
  return hh;
}
// Clear names: `g2` -> `response`, `zz` -> `config`, `hh` -> `users`

""",
    "go": """func mean(q []float64) float64 {
\tuu := 0.0
\tfor _, w := range q {
\t\tuu += w
\t}
\treturn uu / float64(len(q))
}
// Clear names: `uu` -> `total`, `w` -> `number`

""",
}


def names_for(language: str) -> str:
    """Functions whose variables say nothing, and what these are better called; empty if there are none."""
    return _NAMES.get(_SAME.get(language, language), "")


def shown_for(task: str, language: str) -> tuple[Snippet, ...]:
    """Code that has what a task adds, to be shown like code from elsewhere where nothing is said in words."""
    text = _TYPED.get("typescript" if language == "typescriptreact" else language)
    return (Snippet("typed", text),) if task == "types" and text else ()


def example_for(task: str, language: str) -> Example | None:
    """The example of a task, the answer in `language` or one like it; None if there is none."""
    known = {"test": _TEST, "simplify": _SIMPLIFY, "translate": _TRANSLATE}.get(task, {})
    return known.get(language) or known.get(_SAME.get(language, ""))
