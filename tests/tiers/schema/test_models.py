"""Models: what a migration has to follow, and what it need not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eod.tiers.schema import migrations, models
from tests.runaway import RUNAWAY_SECONDS
from tests.tiers.builders import case_of, evidence_of, judge

DJANGO = """from django.db import models

class Shop(models.Model):
    name = models.CharField(max_length=10, help_text="Old")

    class Meta:
        ordering = ["name"]

    def total(self):
        return 1
"""
ALCHEMY = """from sqlalchemy import Column, String
class Shop(Base):
    __tablename__ = "shop"
    name = Column(String(10))
    tags: Mapped[list["Tag"]] = relationship()
"""
SQLMODEL = """from sqlmodel import SQLModel, Field
class Base(SQLModel):
    pass
class Shop(Base, table=True):
    id: int = Field(primary_key=True)
class Out(BaseModel):
    id: int
"""
JPA = """import jakarta.persistence.*;
@Entity
@Table(name = "shops")
public class Shop {
    @Id
    private Long id;
    @Column(length = 10)
    private String name;
    public String getName() { String local = name; return local; }
}
"""
TYPEORM = """import { Column, Entity, OneToMany } from 'typeorm';
@Entity()
export class Shop {
  @Column({ length: 10 })
  public name: string;
  @OneToMany(() => Tag, (tag) => tag.shop)
  tags: Tag[];
  label() { return this.name; }
}
"""
OUTLINE = """import { Column, Table, Length } from "sequelize-typescript";
@Table({ tableName: "shops" })
class Shop extends Model {
  @Length({ max: 10 })
  @Column(DataType.STRING)
  name: string;
}
"""
SEQUELIZE = """const { DataTypes } = require('sequelize');
module.exports = (sequelize) => {
  const Shop = sequelize.define('Shop', {
    name: { type: DataTypes.STRING, allowNull: false },
  });
  Shop.label = () => 1;
  return Shop;
};
"""
DRIZZLE = """import { pgTable, text } from "drizzle-orm/pg-core";
export const shops = pgTable("shops", {
  name: text("name"),
});
export const label = () => 1;
"""
EF = """using Microsoft.EntityFrameworkCore;
public class ShopContext : DbContext {
  public DbSet<Shop> Shops { get; set; }
  protected override void OnModelCreating(ModelBuilder builder) {
    builder.Entity<Shop>().Property(s => s.Name).HasMaxLength(10);
  }
  public int Total() { return 1; }
}
"""
POCO = """\
namespace A.Entities;
public class Shop
{
    public string Name { get; set; }
    public int Total() { return 1; }
}
"""
DOCTRINE = """<?php
use Doctrine\\ORM\\Mapping as ORM;
#[ORM\\Entity(repositoryClass: ShopRepository::class)]
class Shop {
    #[ORM\\Column(length: 10)]
    private string $name;
    public function label(): string { return 'a'; }
}
"""
ONE_LINE = DOCTRINE.replace("#[ORM\\Column(length: 10)]", "/** @ORM\\Column(length=10) */")
ANNOTATED = DOCTRINE.replace("#[ORM\\Column(length: 10)]", "/**\n     * @ORM\\Column(length=10)\n     */")
EMBEDDED = """package m
type Query struct {
	Term string
}
type Shop struct {
	gorm.Model
	Name string `json:"name"`
}
"""
GORM = """\
package m

type Shop struct {
	Name string `gorm:"size:10" json:"name"`
}

func (s Shop) Label() int { return 1 }
"""
ENT = """package schema
import "entgo.io/ent"
func (Shop) Fields() []ent.Field {
	return []ent.Field{
		field.String("name").Comment("Old").MaxLen(10),
	}
}
func (Shop) Hooks() []ent.Hook { return nil }
"""
ECTO = """\
defmodule Shop do
  use Ecto.Schema
  schema "shops" do
    field :name, :string
  end
  def label, do: 1
end
"""
DIESEL = """\
diesel::table! {
    shops (id) {
        id -> Int4,
        name -> Text,
    }
}
fn label() -> u8 { 1 }
"""
SEA = """\
#[derive(DeriveEntityModel)]
#[sea_orm(table_name = "a")]
pub struct Model {
    pub name: String,
}
fn label() -> u8 { 1 }
"""
EXPOSED = """\
import org.jetbrains.exposed.sql.Table
object Shops : Table("shops") {
    val name = varchar("name", 10)
}
fun label() = 1
"""
MONGOOSE = (
    "const mongoose = require('mongoose');\nconst s = new mongoose.Schema({\n  name: { type: String },\n});\n"
)

NEEDS = [
    ("shop/models.py", DJANGO, "max_length=10", "max_length=20"),
    ("shop/models.py", DJANGO, "    class Meta", "    size = models.IntegerField(default=0)\n\n    class Meta"),
    ("shop/models.py", DJANGO, "ordering =", "unique_together ="),
    ("shop/models.py", DJANGO, "Shop(models.Model)", "Shop(SoftDeleteModel)"),
    ("shop/models.py", ALCHEMY, "String(10)", "String(20)"),
    ("shop/models.py", ALCHEMY, '"shop"', '"shops"'),
    (
        "shop/models.py",
        SQLMODEL,
        "    id: int = Field(primary_key=True)\n",
        "    id: int = Field(primary_key=True)\n    n: str\n",
    ),
    ("src/Shop.java", JPA, "length = 10", "length = 20"),
    ("src/Shop.java", JPA, "private Long id;", "private Long id;\n    private int size;"),
    ("src/Shop.java", JPA, '"shops"', '"shop"'),
    ("src/shop.entity.ts", TYPEORM, "length: 10", "length: 20"),
    ("src/shop.entity.ts", TYPEORM, "name: string", "name: string | null"),
    ("models/Shop.ts", OUTLINE, "DataType.STRING", "DataType.TEXT"),
    ("models/shop.js", SEQUELIZE, "allowNull: false", "allowNull: true"),
    ("db/schema.ts", DRIZZLE, 'text("name")', 'text("name").notNull()'),
    ("ShopContext.cs", EF, "HasMaxLength(10)", "HasMaxLength(20)"),
    ("ShopContext.cs", EF, "DbSet<Shop> Shops", "DbSet<Store> Stores"),
    ("Core/Entities/Shop.cs", POCO, "string Name", "string? Name"),
    ("src/Entity/Shop.php", DOCTRINE, "length: 10", "length: 20"),
    ("src/Entity/Shop.php", ANNOTATED, "length=10", "length=20"),
    ("m/shop.go", GORM, "size:10", "size:20"),
    ("m/shop.go", EMBEDDED, "\tName", "\tCity string\n\tName"),
    ("src/Entity/Shop.php", ONE_LINE, "length=10", "length=20"),
    ("ent/schema/shop.go", ENT, "MaxLen(10)", "MaxLen(10).Optional()"),
    ("lib/shop.ex", ECTO, ":string", ":integer"),
    ("src/schema.rs", DIESEL, "Text", "Nullable<Text>"),
    ("src/entity/shop.rs", SEA, "name: String", "name: Option<String>"),
    ("src/Shops.kt", EXPOSED, "10", "20"),
    ("models/shop.js", MONGOOSE, "type: String", "type: String, index: true"),
]
NEEDS_NOT = [
    ("shop/models.py", DJANGO, '"Old"', '"New"'),
    ("shop/models.py", DJANGO, "return 1", "return 2"),
    ("shop/models.py", DJANGO, 'ordering = ["name"]', 'ordering = ["-name"]'),
    ("shop/models.py", ALCHEMY, "relationship()", 'relationship(lazy="joined")'),
    ("shop/models.py", SQLMODEL, "class Out(BaseModel):\n    id: int", "class Out(BaseModel):\n    id: str"),
    ("src/Shop.java", JPA, "String local = name; return local;", "return name;"),
    ("src/shop.entity.ts", TYPEORM, "this.name", "this.name.trim()"),
    ("src/shop.entity.ts", TYPEORM, "{ length: 10 }", "{\n    length: 10, select: false\n  }"),
    ("models/Shop.ts", OUTLINE, "max: 10", "max: 20"),
    ("models/shop.js", SEQUELIZE, "() => 1", "() => 2"),
    ("db/schema.ts", DRIZZLE, "() => 1", "() => 2"),
    ("ShopContext.cs", EF, "return 1", "return 2"),
    ("Core/Entities/Shop.cs", POCO, "return 1", "return 2"),
    ("src/Entity/Shop.php", DOCTRINE, "'a'", "'b'"),
    ("src/Entity/Shop.php", DOCTRINE, "ShopRepository", "StoreRepository"),
    ("m/shop.go", GORM, "return 1", "return 2"),
    ("m/shop.go", EMBEDDED, "\tTerm", "\tPage int\n\tTerm"),
    ("m/shop.go", EMBEDDED, 'json:"name"', 'json:"title"'),
    ("ent/schema/shop.go", ENT, '"Old"', '"New"'),
    ("ent/schema/shop.go", ENT, "{ return nil }", "{ return hooks }"),
    ("lib/shop.ex", ECTO, "do: 1", "do: 2"),
    ("src/schema.rs", DIESEL, "{ 1 }", "{ 2 }"),
    ("src/entity/shop.rs", SEA, "{ 1 }", "{ 2 }"),
    ("src/Shops.kt", EXPOSED, "label() = 1", "label() = 2"),
    ("models/shop.js", MONGOOSE, "type: String", "type: Number"),
]


def change(text, old, new):
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(("path", "text", "old", "new"), NEEDS)
def test_a_changed_declaration_asks_for_a_database(path, text, old, new):
    evidence = evidence_of(path, text, change(text, old, new))
    assert (str(evidence.tier), evidence.rule) == ("database", "models")


@pytest.mark.parametrize(("path", "text", "old", "new"), NEEDS_NOT)
def test_what_the_database_does_not_see_asks_for_none(path, text, old, new):
    assert str(evidence_of(path, text, change(text, old, new)).tier) in {"none", "lightweight"}


@pytest.mark.parametrize("text", [DJANGO, JPA, TYPEORM, DRIZZLE, EF, DOCTRINE, GORM, ENT, ECTO])
def test_a_new_model_and_one_that_is_gone_ask_for_a_database(text):
    path = next(path for path, known, _, _ in NEEDS if known is text)
    assert evidence_of(path, None, text).rule == "models"
    assert evidence_of(path, text, None).rule == "models"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a/forms.py", "from django import forms\nclass F(forms.Form):\n    name = forms.CharField()\n"),
        ("a/serializers.py", "class S(serializers.ModelSerializer):\n    name = serializers.CharField()\n"),
        ("a/schemas.py", "class A(BaseModel):\n    name: str = Field(max_length=3)\n"),
        ("a/data.py", "@dataclass\nclass A:\n    name: str = field(default='')\n"),
        ("a/types.py", "class A(graphene.ObjectType):\n    name = graphene.String()\n"),
        ("a/filters.py", "class A(FilterSet):\n    name = CharField()\n"),
        ("a/dto.ts", "export class ShopDto {\n  @IsString()\n  name: string;\n}\n"),
        (
            "a/type.ts",
            "import { Field } from '@nestjs/graphql';\n@ObjectType()\nclass A { @Field() name: string; }\n",
        ),
        ("src/ShopDto.java", "public class ShopDto {\n    @NotNull\n    private String name;\n}\n"),
        ("src/models/shop.ts", "export interface Shop { name: string }\n"),
        (
            "app/models/shop.rb",
            "class Shop < ApplicationRecord\n  has_many :tags\n  validates :name, presence: true\nend\n",
        ),
        ("app/Models/Shop.php", "<?php class Shop extends Model { protected $fillable = ['name']; }\n"),
        ("m/shop.go", 'package m\ntype Shop struct {\n\tName string `json:"name"`\n}\n'),
    ],
)
def test_what_only_looks_like_a_model_is_code(path, text):
    assert str(evidence_of(path, None, text).tier) == "lightweight"


def test_python_that_does_not_parse_counts_where_it_touches_a_model():
    old = "print 'two'\nclass A(models.Model):\n    a = models.CharField()\n    def b(self): return 1\n"
    assert evidence_of("a/models.py", old, old.replace("CharField", "TextField")).rule == "models"
    assert evidence_of("a/models.py", old, old.replace("return 1", "return 2")).rule == "code"


def test_a_model_that_only_moves_needs_no_migration():
    (evidence,) = judge(
        {"a/models.py": DJANGO}, {"b/models.py": DJANGO}, renames={"b/models.py": "a/models.py"}
    ).evidence
    assert str(evidence.tier) == "lightweight"


def test_the_declaration_is_quoted():
    reason = evidence_of("shop/models.py", DJANGO, change(DJANGO, "max_length=10", "max_length=20")).reason
    assert "`Shop.name = models.CharField(max_length=20)`" in reason


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.java", "import jakarta.persistence.*;\n@Entity\n" + "@Column(" * 40_000),
        ("a.java", "import jakarta.persistence.*;\n@Entity\nprivate " + "a " * 200_000),
        ("a.ts", "import 'typeorm';\n" + "@Column " * 50_000),
        ("a.ts", 'import { pgTable } from "drizzle-orm/pg-core";\n' + "pgTable(" * 40_000),
        ("a.go", '"entgo.io/ent"\n' + "func (A) Fields() []ent.Field {\n" * 10_000),
        ("a.go", "gorm.Model\n" + " " * 400_000),
        ("a.cs", "using Microsoft.EntityFrameworkCore;\n" + ".HasIndex " * 40_000),
        ("a.php", "use Doctrine\\ORM\\Mapping as ORM;\n" + "#[ORM\\Column(" * 30_000),
        ("a.py", "from django.db import models\nx = models.A" + "(" * 100_000),
        ("a.py", "models.A\n" + "-" * 200_000 + "1"),
        ("a.rs", "diesel::table! {" * 20_000),
        ("a.prisma", "model A {\n" * 40_000),
        ("a/migrations/1.ts", "\n" * 500_000),
        ("a/migrations/a.ts", "MigrationInterface " * 20_000),
        ("a/application.yml", "flyway" * 100_000),
    ],
)
def test_hostile_sources_are_answered_soon(path, text):
    start = time.perf_counter()
    evidence_of(path, "x\n", text)
    assert time.perf_counter() - start < RUNAWAY_SECONDS


PATHS = sorted(
    {path for path, *_ in NEEDS} | {"a.prisma", "db/migrations/1.js", "seed.py", "a.sql", "database.yml"}
)
TEXTS = [text for _, text, _, _ in NEEDS]


@settings(deadline=None)
@given(st.sampled_from(PATHS), st.sampled_from(TEXTS), st.data())
def test_any_bytes_have_an_answer(path, text, data):
    """Known texts with pieces cut out and anything put in are nearest to what breaks a reader."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    put = data.draw(st.binary(max_size=20))
    new = text[:start].encode() + put + text[end:].encode()
    case = case_of({path: text}, {path: new})
    for file in case.files:
        for ask in (migrations, models):
            said = ask(file, case)
            assert said is None or said.reason.endswith(".")
