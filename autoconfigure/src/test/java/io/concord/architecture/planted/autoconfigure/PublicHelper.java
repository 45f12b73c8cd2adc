package io.concord.architecture.planted.autoconfigure;

public class PublicHelper {

}
