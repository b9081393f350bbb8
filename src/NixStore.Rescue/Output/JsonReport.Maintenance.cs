namespace NixStore.Rescue.Output;

internal sealed partial class JsonReport
{
    /// <inheritdoc/>
    public void Write(StoreDatabaseBackup backup) => WriteLine(backup, static (json, backup) =>
    {
        json.WriteString("path"u8, backup.Path);
        json.WriteString("id"u8, backup.Id);
        json.WriteNumber("created"u8, backup.Created.ToUnixTimeSeconds());
        json.WriteNumber("rows"u8, backup.Rows);
        json.WriteNumber("size"u8, backup.Size);
        json.WriteNumber("databaseSize"u8, backup.DatabaseSize);
        json.WriteString("digest"u8, backup.Digest);
        json.WriteBoolean("sound"u8, backup.IsSound);
        WriteList(json, "findings", backup.Findings);
        json.WriteString("storeDirectory"u8, backup.StoreDirectory);
        json.WriteString("store"u8, backup.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreGeneration generation) => WriteLine(generation, static (json, generation) =>
    {
        json.WriteString("removedGeneration"u8, generation.Link);
        json.WriteString("profile"u8, generation.Profile);
        json.WriteNumber("number"u8, generation.Number);
        WriteOptional(json, "path", generation.Path);
        json.WriteNumber("created"u8, generation.CreationTime.ToUnixTimeSeconds());
        json.WriteString("store"u8, generation.Store);
    });
}
