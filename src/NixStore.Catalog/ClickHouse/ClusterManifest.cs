using System.Globalization;
using System.Text.Json;
using NixStore.Catalog.Storage;

namespace NixStore.Catalog.ClickHouse;

/// <summary>
/// Reads and replaces what says of which parts a catalog on a cluster consists. Each state is a table of one row on the first shard, <c>catalog_1</c>,
/// <c>catalog_2</c> and so on, of which the last one counts. It is filled under another name, and then renamed: that is done wholly or not at all, and fails when
/// somebody else was quicker.
/// </summary>
internal sealed class ClusterManifest(ClickHouseCluster cluster)
{
    private const int AlreadyExists = 57;
    private const int UnknownTable = 60;
    private const int FolderAlreadyExists = 84;
    private const int Attempts = 5;

    /// <summary>The number of the state that counts; 0 when there is none.</summary>
    /// <exception cref="NixStoreException">ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal long ReadNumber(CancellationToken cancellation) => Numbers(cancellation).LastOrDefault();

    /// <summary>The greatest number that a state has on any of the shards: they may have been first in another cluster.</summary>
    /// <inheritdoc cref="ReadNumber"/>
    internal long ReadNumberOfAll(CancellationToken cancellation) => cluster.OnEach(shard => Numbers(shard, cancellation).LastOrDefault(), cancellation).Max();

    /// <summary>Removes the states that shards other than the first one have, of another cluster.</summary>
    internal void CleanOthers(CancellationToken cancellation) => cluster.OnEach(
        shard =>
        {
            foreach (var number in shard == cluster.First ? [] : Numbers(shard, cancellation))
            {
                shard.Execute($"DROP TABLE IF EXISTS {NameOf(number)}", cancellation);
            }

            return true;
        },
        cancellation);

    /// <summary>The state that counts; null when there is none.</summary>
    /// <exception cref="NixStoreException">CatalogCorrupt, CatalogTooNew, ClickHouseClusterChanged, ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal (long Number, ClusterState State)? TryRead(CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Numbers(cancellation) is not [.., var last])
            {
                return null;
            }

            try
            {
                using var rows = cluster.Query($"SELECT state FROM {NameOf(last)}", cancellation);
                return rows.Read() ? (last, Parse(rows.GetText(0))) : throw Damaged(last, "it is empty", null);
            }
            catch (ClickHouseException error) when (error.Code == UnknownTable && attempt < Attempts)
            {
                // Somebody has written two states meanwhile.
            }
        }
    }

    /// <summary>Makes a state the one that counts.</summary>
    /// <param name="before">The number of the one that it follows; 0 = none.</param>
    /// <param name="state">The state.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="NixStoreException">CatalogLocked: somebody else was quicker, by one state or more; ClickHouseShardUnavailable; <see cref="ClickHouseException"/></exception>
    internal long Publish(long before, ClusterState state, CancellationToken cancellation)
    {
        var draft = cluster.All($"catalog_new_{Guid.NewGuid():n}");
        long number;
        try
        {
            cluster.First.Execute($"CREATE TABLE {draft} (state String) ENGINE = MergeTree ORDER BY tuple()", cancellation);
            cluster.First.Execute($"INSERT INTO {draft} VALUES ({ClickHouseCluster.Quote(JsonSerializer.Serialize(state, ManifestFile.Options))})", cancellation);
            number = Rename(draft, before + 1, cancellation);
        }
        catch (ClickHouseException error) when (error.Code == UnknownTable)
        {
            // Whoever takes a catalog over drops the drafts of others.
            throw ClickHouseErrors.Overtaken(cluster.Address.Name);
        }

        // The name is free also when somebody else was quicker by several states, and has dropped this one.
        if (ReadNumber(CancellationToken.None) != number)
        {
            cluster.First.Execute($"DROP TABLE IF EXISTS {NameOf(number)}", CancellationToken.None);
            throw ClickHouseErrors.Overtaken(cluster.Address.Name);
        }

        // Whoever reads the one before may go on.
        foreach (var old in Numbers(cancellation).Where(number => number < before))
        {
            cluster.First.Execute($"DROP TABLE IF EXISTS {NameOf(old)}", CancellationToken.None);
        }

        return number;
    }

    /// <summary>Removes states that killed writers have not finished.</summary>
    internal void Clean(CancellationToken cancellation)
    {
        foreach (var draft in ClusterTable.Names(cluster, cluster.First, "^catalog_new_[0-9a-f]{32}$", cancellation))
        {
            cluster.First.Execute($"DROP TABLE IF EXISTS {cluster.All(draft)}", cancellation);
        }
    }

    /// <summary>Gives a draft the number that comes next.</summary>
    private long Rename(string draft, long number, CancellationToken cancellation)
    {
        for (; ; number++)
        {
            try
            {
                // From here on nobody may stop it: whether it has happened would not be known.
                cluster.First.Execute($"RENAME TABLE {draft} TO {NameOf(number)}", CancellationToken.None);
                return number;
            }
            catch (ClickHouseException error) when (error.Code == AlreadyExists)
            {
                cluster.First.Execute($"DROP TABLE IF EXISTS {draft}", cancellation);
                throw ClickHouseErrors.Overtaken(cluster.Address.Name);
            }
            catch (ClickHouseException error) when (error.Code == FolderAlreadyExists)
            {
                // An old server that was killed in the middle of a renaming has moved the table's folder and no more: nobody can have this number any more.
            }
        }
    }

    private List<long> Numbers(CancellationToken cancellation) => Numbers(cluster.First, cancellation);

    private List<long> Numbers(ClickHouseServer shard, CancellationToken cancellation)
        => [.. ClusterTable.Names(cluster, shard, "^catalog_[0-9]{1,18}$", cancellation).Select(name => long.Parse(name["catalog_".Length..], CultureInfo.InvariantCulture)).Order()];

    private string NameOf(long number) => cluster.All(string.Create(CultureInfo.InvariantCulture, $"catalog_{number}"));

    private ClusterState Parse(string text)
    {
        ClusterState state;
        try
        {
            state = JsonSerializer.Deserialize<ClusterState>(text, ManifestFile.Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException inner)
        {
            throw Damaged(0, inner.Message, inner);
        }

        return state.Format > ClusterState.CurrentFormat || state.Manifest.Format > CatalogManifest.CurrentFormat
            ? throw new NixStoreException("CatalogTooNew", StoreErrorKind.NotSupported,
                $"The catalog '{cluster.Address}' is of a format that this version does not know.", cluster.Address.Name, "Use the version of NixStore that made it, or a newer one.")
            : !state.Shards.SequenceEqual(cluster.Definition) ? throw ClickHouseErrors.OtherShards(cluster.Address, state.Shards, cluster.Definition) : state;
    }

    private NixStoreException Damaged(long number, string reason, Exception? inner) => new("CatalogCorrupt", StoreErrorKind.InvalidData,
        $"The state {number} of the catalog '{cluster.Address}' is damaged: {reason}", cluster.Address.Name, "Copy the catalog there anew by Copy-BinaryCacheCatalog -Force.", inner);
}
