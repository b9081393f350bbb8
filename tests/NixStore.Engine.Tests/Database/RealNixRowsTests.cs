using System.Text.Json;
using NixStore.Engine.Database;
using NixStore.Engine.Tests.Laboratory;
using NixStore.Engine.Verification;

namespace NixStore.Engine.Tests.Database;

public sealed class RealNixRowsTests
{
    [SkippableFact]
    public void Every_field_of_every_path_is_what_real_Nix_says()
    {
        using var store = LabStore.Signed();
        using var document = JsonDocument.Parse(RealNix.Require("nix226").PathInfo(store.Location, "--all", "--json"));
        var expected = document.RootElement.EnumerateObject().ToDictionary(path => path.Name, path => Describe(path.Value));

        using var database = StoreDatabase.OpenForReading(store.Location);
        var found = PathLister.Open(database).List().ToDictionary(path => path.Path, Describe);

        Assert.Equal(75, found.Count);
        Assert.Equal(expected, found);
    }

    private static string Describe(JsonElement path) => string.Join('\n',
        [
            path.GetProperty("narHash").GetString(),
            path.GetProperty("narSize").GetInt64(),
            path.GetProperty("registrationTime").GetInt64(),
            path.GetProperty("deriver").GetString(),
            path.GetProperty("ca").GetString(),
            path.GetProperty("ultimate").GetBoolean(),
            string.Join(' ', Texts(path, "references").Order(StringComparer.Ordinal)),
            string.Join(' ', Texts(path, "signatures")),
        ]);

    private static string Describe(StorePathInfo path) => string.Join('\n',
        [
            path.NarHash!.ToSri(), path.NarSize, path.RegistrationTime!.Value.ToUnixTimeSeconds(), path.Deriver, path.ContentAddress, path.Ultimate,
            string.Join(' ', path.References), string.Join(' ', path.Signatures),
        ]);

    private static IEnumerable<string> Texts(JsonElement path, string property)
        => path.TryGetProperty(property, out var list) ? list.EnumerateArray().Select(text => text.GetString()!) : [];
}
