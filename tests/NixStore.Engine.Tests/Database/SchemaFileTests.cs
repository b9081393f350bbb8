using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;

namespace NixStore.Engine.Tests.Database;

public sealed class SchemaFileTests : IDisposable
{
    private readonly SmallStore _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("10", 10)]
    [InlineData("10\n", 10)]
    [InlineData("7", 7)]
    [InlineData("", null)]
    [InlineData("ten", null)]
    [InlineData("-1", null)]
    [InlineData("99999999999999999999", null)]
    public void The_number_is_read_and_damage_is_none(string text, int? number)
    {
        File.WriteAllText(_store.Location.SchemaPath, text);

        Assert.Equal(number, SchemaFile.Read(_store.Location));
        SchemaFile.EnsureReadable(_store.Location);
    }

    [Theory]
    [InlineData("")]
    [InlineData("9")]
    [InlineData("ten")]
    [InlineData(null)]
    public void Nothing_is_written_to_a_store_of_another_or_unknown_schema(string? text)
    {
        Write(text);

        var error = Assert.Throws<StoreDatabaseException>(() => StoreDatabaseWriter.Open(_store.Location, CancellationToken.None));

        Assert.Equal(("SchemaDamaged", _store.Location.SchemaPath), (error.ErrorId, error.Target));
    }

    [Fact]
    public void A_newer_schema_is_neither_read_nor_written()
    {
        Write("11");

        Assert.Equal("SchemaTooNew", Assert.Throws<StoreDatabaseException>(() => StoreDatabase.OpenForReading(_store.Location)).ErrorId);
        Assert.Equal("SchemaTooNew", Assert.Throws<StoreDatabaseException>(
            () => StoreDatabaseWriter.Open(_store.Location, CancellationToken.None)).ErrorId);
    }

    private void Write(string? text)
    {
        File.Delete(_store.Location.SchemaPath);
        if (text is not null)
        {
            File.WriteAllText(_store.Location.SchemaPath, text);
        }
    }
}
