namespace NixStore.Engine.Planning;

/// <summary>Reads plans that were saved.</summary>
public static class PlanFile
{
    /// <summary>Reads a plan.</summary>
    /// <param name="path">The file, as an absolute path.</param>
    /// <exception cref="NixStoreException">PlanDamaged, PlanTooNew, PathNotFound, AccessDenied, InputOutputError</exception>
    public static StoreGarbagePlan Read(string path)
    {
        try
        {
            return StoreGarbagePlan.FromJson(File.ReadAllText(path), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NixStoreException("PathNotFound", StoreErrorKind.NotFound, $"There is no plan '{path}'.", path,
                "Save one with (New-StoreGarbagePlan).ToJson() | Set-Content.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new NixStoreException("AccessDenied", StoreErrorKind.PermissionDenied, $"The plan '{path}' cannot be read: {error.Message}", path, null, error);
        }
        catch (IOException error)
        {
            throw new NixStoreException("InputOutputError", StoreErrorKind.ReadError, $"The plan '{path}' cannot be read: {error.Message}", path, null, error);
        }
    }
}
