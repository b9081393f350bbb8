using System.Text.Json;

namespace NixStore.Rescue.Output;

internal sealed partial class JsonReport
{
    /// <inheritdoc/>
    public void Write(StoreStatus status) => WriteLine(status, static (json, status) =>
    {
        json.WriteString("store"u8, status.Store);
        json.WriteString("directory"u8, status.Directory);
        json.WriteString("realDirectory"u8, status.RealDirectory);
        json.WriteString("stateDirectory"u8, status.StateDirectory);
        json.WriteString("databasePath"u8, status.DatabasePath);
        WriteOptional(json, "databaseSize", status.DatabaseSize);
        json.WriteNumber("logSize"u8, status.LogSize);
        if (status.Info is { } info)
        {
            WriteOptional(json, "schema", info.Schema);
            json.WriteNumber("paths"u8, info.PathCount);
            json.WriteNumber("narSize"u8, info.NarSize);
            json.WriteBoolean("inUse"u8, info.IsInUse);
            json.WriteBoolean("optimised"u8, info.IsOptimised);
            json.WriteBoolean("readOnly"u8, info.IsReadOnly);
        }

        WriteVolumes(json, status.Volumes);
        json.WriteNumber("backups"u8, status.BackupCount);
        WriteOptional(json, "lastBackup", status.LastBackup?.Created.ToUnixTimeSeconds());
        json.WriteNumber("trash"u8, status.TrashCount);
        json.WriteNumber("trashSize"u8, status.TrashSize);
        WriteList(json, "problems", status.Problems);
    });

    /// <inheritdoc/>
    public void Write(StoreRoot root) => WriteLine(root, static (json, root) =>
    {
        WriteRoot(json, root);
        json.WriteString("store"u8, root.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreTrace trace) => WriteLine(trace, static (json, trace) =>
    {
        json.WriteString("path"u8, trace.Path);
        json.WriteBoolean("alive"u8, trace.Alive);
        WriteOptional(json, "reason", trace.Reason?.ToString());
        if (trace.Root is { } root)
        {
            json.WriteStartObject("root"u8);
            WriteRoot(json, root);
            json.WriteEndObject();
        }

        json.WriteNumber("rootCount"u8, trace.RootCount);
        WriteList(json, "chain", trace.Chain);
        WriteList(json, "edges", trace.Edges.Select(edge => edge.ToString()));
        WriteList(json, "dominators", trace.Dominators);
        WriteOptional(json, "reclaimableSize", trace.ReclaimableSize);
        WriteOptional(json, "reclaimableCount", trace.ReclaimableCount);
        WriteList(json, "referrers", trace.Referrers);
        json.WriteNumber("referrerCount"u8, trace.ReferrerCount);
        WriteOptional(json, "note", trace.Note);
        json.WriteString("store"u8, trace.Store);
    });

    /// <inheritdoc/>
    public void Write(StoreDependency dependency) => WriteLine(dependency, static (json, dependency) =>
    {
        json.WriteString("path"u8, dependency.Path);
        json.WriteString("dependsOn"u8, dependency.DependsOn);
        WriteList(json, "chain", dependency.Chain);
        json.WriteString("store"u8, dependency.Store);
    });

    private static void WriteRoot(Utf8JsonWriter json, StoreRoot root)
    {
        json.WriteString("kind"u8, root.Kind.ToString());
        json.WriteString("origin"u8, root.Origin.ToString());
        json.WriteString("state"u8, root.State.ToString());
        WriteOptional(json, "path", root.Path);
        json.WriteString("link"u8, root.Link);
        WriteOptional(json, "target", root.Target);
        WriteOptional(json, "pid", root.Pid);
        WriteOptional(json, "processName", root.ProcessName);
        WriteOptional(json, "user", root.User);
        WriteOptional(json, "closureSize", root.ClosureSize);
    }

    private static void WriteVolumes(Utf8JsonWriter json, IReadOnlyList<StoreVolume> volumes)
    {
        json.WriteStartArray("volumes"u8);
        foreach (var volume in volumes)
        {
            json.WriteStartObject();
            json.WriteString("directory"u8, volume.Directory);
            WriteOptional(json, "mountPoint", volume.MountPoint);
            WriteOptional(json, "source", volume.Source);
            WriteOptional(json, "type", volume.Type);
            json.WriteBoolean("readOnly"u8, volume.IsReadOnly);
            json.WriteNumber("size"u8, volume.Size);
            json.WriteNumber("freeSpace"u8, volume.FreeSpace);
            WriteOptional(json, "freeFiles", volume.FreeFiles);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
