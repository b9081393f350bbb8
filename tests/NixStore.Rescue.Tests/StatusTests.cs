using System.Text.Json;
using NixStore.Rescue.Tests.Support;

namespace NixStore.Rescue.Tests;

public sealed class StatusTests : IDisposable
{
    private readonly SampleStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void A_healthy_store_is_described()
    {
        var run = Nixstore.Run("status", "--store", _store.Url);
        Assert.True(run.Code == 0, run.Output + run.Errors);
        Assert.Equal(["store", "directory", "state", "database", "paths", "disk", "disk", "backups", "trash"], run.Lines.Select(line => line.Split(' ')[0]));
        Assert.Contains("schema 10", run.Lines[3], StringComparison.Ordinal);
        Assert.StartsWith("paths       3, ", run.Lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_object()
    {
        var status = JsonDocument.Parse(Assert.Single(Nixstore.Run("status", "--store", _store.Url, "--json").Lines)).RootElement;
        Assert.Equal(_store.Url, status.GetProperty("store").GetString());
        Assert.Equal(3, status.GetProperty("paths").GetInt32());
        Assert.Equal(10, status.GetProperty("schema").GetInt32());
        Assert.Equal(2, status.GetProperty("volumes").GetArrayLength());
        Assert.True(status.GetProperty("volumes")[0].GetProperty("freeSpace").GetInt64() > 0);
        Assert.NotEmpty(status.GetProperty("volumes")[0].GetProperty("mountPoint").GetString()!);
        Assert.Equal(0, status.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public void A_database_that_cannot_be_read_is_a_finding_and_the_rest_is_told()
    {
        File.WriteAllText(_store.DatabasePath, "This is no database at all.");
        var run = Nixstore.Run("status", "--store", _store.Url);
        Assert.Equal(1, run.Code);
        Assert.Contains(run.Lines, line => line.StartsWith("problem ", StringComparison.Ordinal) && line.Contains("db.sqlite", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.StartsWith("disk ", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Lines, line => line.StartsWith("paths ", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_store_directory_is_a_finding()
    {
        foreach (var name in (string[])["one", "two", "three"])
        {
            _store.Delete(name);
        }

        var run = Nixstore.Run("status", "--store", _store.Url);
        Assert.Equal(1, run.Code);
        Assert.Contains("not mounted", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_that_is_not_there_is_an_error()
    {
        var run = Nixstore.Run("status", "--store", "/nonexistent");
        Assert.Equal(3, run.Code);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
    }
}
